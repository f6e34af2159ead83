"""Send again what did not arrive: everything that failed, or that was never tried."""

from collections.abc import Iterator

from clerk_fake.events.log import Event
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.outbox import Outbox

__all__ = ["failed_since", "missing_since"]


def failed_since(outbox: Outbox, endpoint: Endpoint, since: int, until: int) -> Iterator[Event]:
    """Yield the messages that failed at ``endpoint`` and have not arrived there since.

    Args:
        outbox: The books.
        endpoint: Where they were to go.
        since: Attempts from here on count, ms of the instance's clock.
        until: Attempts before this count.
    """
    told: set[str] = set()
    for attempt in outbox.attempts.after(0):
        if (
            attempt.endpoint_id == endpoint.id
            and since <= attempt.timestamp < until
            and not attempt.succeeded
            and attempt.message_id not in told
        ):
            told.add(attempt.message_id)
            if _state(outbox, attempt.message_id, endpoint) is not DeliveryState.DELIVERED:
                event = outbox.log.get(attempt.message_id)
                if event is not None and not event.details.expunged:
                    yield event


def missing_since(outbox: Outbox, endpoint: Endpoint, since: int, until: int) -> Iterator[Event]:
    """Yield the messages that ``endpoint`` wants and that were never tried there.

    Args:
        outbox: The books.
        endpoint: Where they are to go.
        since: Messages from here on count, ms of the instance's clock.
        until: Messages before this count.
    """
    for event in outbox.log.after(0):
        if not since <= event.timestamp < until or event.details.expunged:
            continue
        delivery = outbox.deliveries.get(event.id, endpoint.id)
        if endpoint.is_to_get(event) and _never_tried(delivery):
            yield event


def _state(outbox: Outbox, message_id: str, endpoint: Endpoint) -> DeliveryState | None:
    delivery = outbox.deliveries.get(message_id, endpoint.id)
    return None if delivery is None else delivery.state


def _never_tried(delivery: Delivery | None) -> bool:
    if delivery is None:
        return True
    return not delivery.attempts and delivery.state is DeliveryState.EXHAUSTED
