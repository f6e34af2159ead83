"""Sending again whatever was sent to an endpoint, arrived or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.event import Event
from clerk_fake.instance import Instance
from clerk_fake.model.messages import resend_all
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.endpoint import Endpoint

__all__ = ["LONGEST_MS", "Replay", "check_period", "replay_all"]

DAY_MS: Final = 24 * 3600 * 1000
LONGEST_MS: Final = 14 * DAY_MS + 5 * 60 * 1000
"""How far back Svix reaches: 14 days, and 5 minutes for clocks that disagree."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Which messages are sent again; what is ``None`` or empty narrows nothing.

    Attributes:
        since: Messages from here on, ms of the instance's clock.
        until: Messages before this.
        event_types: Of these types.
        channel: Of this channel.
        tag: With this tag.
        states: That stand so.
        status_class: Whose last answer was of this class of HTTP statuses, 0 for none at all.
    """

    since: int
    until: int
    event_types: frozenset[str] = frozenset()
    channel: str | None = None
    tag: str | None = None
    states: frozenset[DeliveryState] = field(default_factory=lambda: frozenset(DeliveryState))
    status_class: int | None = None


def check_period(instance: Instance, since: int, until: int | None) -> tuple[int, int]:
    """Return a period that can be sent again, which ends now unless it says when.

    Raises:
        ApiError: 422, it is longer than 14 days, or ends before it begins.
    """
    end = instance.clock.now_ms() + 1 if until is None else until
    if since < end - LONGEST_MS:
        raise ApiError.bad_value("since", "at most 14 days before the end")
    if since > end:
        raise ApiError.bad_value("until", "later than since")
    return since, end


def replay_all(instance: Instance, endpoint: Endpoint, wanted: Replay) -> int:
    """Send again what was tried at an endpoint, and return how many messages that are.

    Raises:
        ApiError: 422, the endpoint is disabled.
    """
    return resend_all(instance, endpoint, _tried(instance, endpoint, wanted))


def _tried(instance: Instance, endpoint: Endpoint, wanted: Replay) -> Iterator[Event]:
    last = _last_attempts(instance, endpoint) if wanted.status_class is not None else {}
    for heading in tuple(instance.log.headings(falling=False)):
        details = heading.details
        delivery = instance.deliveries.get(heading.id, endpoint.id)
        if (
            wanted.since <= heading.timestamp < wanted.until
            and not details.expunged
            and _was_tried(delivery, wanted.states)
            and (not wanted.event_types or heading.type in wanted.event_types)
            and (wanted.channel is None or wanted.channel in details.channels)
            and (wanted.tag is None or wanted.tag in details.tags)
            and (wanted.status_class is None or _class(last, heading.id) == wanted.status_class)
        ):
            event = instance.log.get(heading.id)
            if event is not None:
                yield event


def _was_tried(delivery: Delivery | None, states: frozenset[DeliveryState]) -> bool:
    return delivery is not None and delivery.attempts > 0 and delivery.state in states


def _last_attempts(instance: Instance, endpoint: Endpoint) -> dict[str, Attempt]:
    attempts = instance.attempts.after(0)
    return {each.message_id: each for each in attempts if each.endpoint_id == endpoint.id}


def _class(last: dict[str, Attempt], message_id: str) -> int | None:
    attempt = last.get(message_id)
    if attempt is None:
        return None
    return 0 if attempt.status is None else attempt.status // 100 * 100
