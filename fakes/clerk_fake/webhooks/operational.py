"""What Svix tells the sender's own endpoints: that a receiver fails, was disabled, was changed.

Shapes: https://docs.svix.com/incoming-webhooks. Such messages have books and a dispatcher of their
own, so that they are never taken for Clerk's events.
"""

from datetime import UTC, datetime
from typing import Final

import orjson

from clerk_fake.jsontypes import JsonObject
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.dispatcher import Dispatcher
from clerk_fake.webhooks.endpoints import EndpointChange
from clerk_fake.webhooks.outbox import Outbox

__all__ = ["OPERATIONAL_TYPES", "Operational"]

FAILING_AFTER: Final = 4
"""``message.attempt.failing`` is told of so many failed attempts."""

OPERATIONAL_TYPES: Final = (
    "endpoint.created",
    "endpoint.updated",
    "endpoint.deleted",
    "endpoint.disabled",
    "endpoint.enabled",
    "message.attempt.failing",
    "message.attempt.exhausted",
    "message.attempt.recovered",
)


class Operational:
    """The operational messages of one instance.

    Args:
        outbox: Their own books.
        dispatcher: Delivers them.
        about: The books that they tell of.
        app_id: What Svix calls the instance, ``app_…``.

    Attributes:
        outbox: As given.
        dispatcher: As given.
    """

    def __init__(
        self, outbox: Outbox, dispatcher: Dispatcher, *, about: Outbox, app_id: str
    ) -> None:
        self.outbox = outbox
        self.dispatcher = dispatcher
        self._about = about
        self._app_id = app_id

    def note_change(self, change: EndpointChange) -> None:
        """Tell that something happened to an endpoint."""
        told = self._about_endpoint(change.endpoint.id, change.endpoint.uid)
        if change.what == "disabled":
            told["trigger"] = "automatic" if change.automatic else "manual"
            if change.failing_since is not None:
                told["failSince"] = _rfc3339(change.failing_since)
        self._tell(f"endpoint.{change.what}", told)

    def note_attempt(self, attempt: Attempt, before: Delivery, after: Delivery) -> None:
        """Tell when a message has failed a few times, for good, or has arrived after that."""
        if attempt.succeeded:
            if _was_told_of(before):
                self._tell_of("recovered", attempt)
        elif before.state is DeliveryState.PENDING and after.state is DeliveryState.EXHAUSTED:
            self._tell_of("exhausted", attempt)
        elif after.step == FAILING_AFTER and after.step != before.step:
            self._tell_of("failing", attempt)

    def _tell_of(self, what: str, attempt: Attempt) -> None:
        event = self._about.log.get(attempt.message_id)
        endpoint = self._about.endpoints.get(attempt.endpoint_id)
        uid = None if endpoint is None else endpoint.uid
        told = self._about_endpoint(attempt.endpoint_id, uid) | {
            "msgId": attempt.message_id,
            "msgEventId": None if event is None else event.details.event_id,
            "lastAttempt": {
                "id": attempt.id,
                "responseStatusCode": attempt.status or 0,
                "timestamp": _rfc3339(attempt.timestamp),
            },
        }
        self._tell(f"message.attempt.{what}", told)

    def _about_endpoint(self, endpoint_id: str, uid: str | None) -> JsonObject:
        told: JsonObject = {"appId": self._app_id, "endpointId": endpoint_id}
        return told if uid is None else told | {"endpointUid": uid}

    def _tell(self, event_type: str, data: JsonObject) -> None:
        payload = orjson.dumps({"type": event_type, "data": data}).decode()
        self.outbox.log.append_message(event_type, payload)


def _was_told_of(delivery: Delivery) -> bool:
    return delivery.step >= FAILING_AFTER or (
        delivery.state is DeliveryState.EXHAUSTED and delivery.attempts > 0
    )


def _rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
