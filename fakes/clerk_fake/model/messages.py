"""The messages of an instance: events on their way, how they stand, and sending them again."""

from collections.abc import Iterable

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.events.log import Event, Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.recovery import failed_since, missing_since

__all__ = [
    "message_status",
    "recover_failed",
    "replay_missing",
    "require_message",
    "resend_all",
    "resend_message",
    "trigger_event",
]


def require_message(instance: Instance, message_id: str) -> Event:
    """Return the message with this id.

    Raises:
        ApiError: 404, there is none.
    """
    event = instance.log.get(message_id)
    if event is None:
        raise ApiError.not_found("message", message_id)
    return event


def message_status(instance: Instance, event: Event) -> str:
    """Return ``none``, ``pending``, ``delivered`` or ``exhausted``."""
    return instance.deliveries.status_of(event.id)


def resend_message(instance: Instance, event: Event, endpoint_id: str | None) -> None:
    """Try a message once more now: at one endpoint, or at all that it was meant for.

    Raises:
        ApiError: 404, there is no such endpoint; 422, it is disabled, or there is nobody to
            send to.
    """
    if endpoint_id is not None:
        instance.dispatcher.resend(event, instance.endpoints.require(endpoint_id))
        return
    meant_for = map(instance.endpoints.get, instance.deliveries.endpoints_of(event.id))
    endpoints = [endpoint for endpoint in meant_for if endpoint and not endpoint.disabled]
    if not endpoints:
        raise ApiError.bad_value(
            "endpoint_id", "given: no enabled endpoint was to receive this message"
        )
    for endpoint in endpoints:
        instance.dispatcher.resend(event, endpoint)


def recover_failed(instance: Instance, endpoint: Endpoint, since: int, until: int) -> int:
    """Send again what failed at ``endpoint`` from ``since`` until ``until`` and has not arrived.

    Returns:
        How many messages that are; times are ms of the instance's clock.

    Raises:
        ApiError: 422, the endpoint is disabled.
    """
    return resend_all(instance, endpoint, failed_since(instance.outbox, endpoint, since, until))


def replay_missing(instance: Instance, endpoint: Endpoint, since: int, until: int) -> int:
    """Send what ``endpoint`` wants of the time from ``since`` until ``until`` and never got.

    Returns:
        How many messages that are; times are ms of the instance's clock.

    Raises:
        ApiError: 422, the endpoint is disabled.
    """
    return resend_all(instance, endpoint, missing_since(instance.outbox, endpoint, since, until))


def resend_all(instance: Instance, endpoint: Endpoint, events: Iterable[Event]) -> int:
    """Send all these to ``endpoint`` again, and return how many they are.

    Raises:
        ApiError: 422, the endpoint is disabled.
    """
    endpoint.check_enabled()
    queued = 0
    for event in events:  # one at a time: together their bodies may be larger than the memory
        instance.dispatcher.resend(event, endpoint)
        queued += 1
    return queued


def trigger_event(instance: Instance, event_type: str, data: JsonObject, origin: Origin) -> Event:
    """Emit an event although nothing changed.

    Raises:
        ApiError: 422, Clerk has no such event type.
    """
    if event_type not in EVENT_TYPES:
        raise ApiError.bad_value("type", f"one of {', '.join(sorted(EVENT_TYPES))}")
    return instance.log.append(event_type, data, origin)
