"""Messages that are sent by hand, over Svix' API, beside those that Clerk's changes make."""

from dataclasses import dataclass
from typing import Annotated, Final

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.events.log import Event, MessageDetails
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.svix_names import check_channels, check_event_type, check_tags, check_uid
from clerk_fake.webhooks.endpoint import Endpoint

__all__ = [
    "MessageDraft",
    "expunge_everything",
    "find_message",
    "is_wanted_by_anyone",
    "send_example",
    "send_message",
]

DAY_MS: Final = 24 * 3600 * 1000
MINUTE_MS: Final = 60 * 1000
MOST_DAYS: Final = 90
MOST_HOURS: Final = 24 * MOST_DAYS


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message as somebody wants it sent.

    How long the body is to be kept is checked and has no effect: an instance forgets no message.
    """

    event_type: str
    payload: JsonObject
    event_id: str | None = None
    channels: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    deliver_at: Instant | None = None
    transformations_params: JsonObject | None = None
    payload_retention_period: Annotated[int, Between(1, MOST_DAYS)] | None = None
    payload_retention_hours: Annotated[int, Between(1, MOST_HOURS)] | None = None


def send_message(instance: Instance, draft: MessageDraft) -> Event:
    """Send a message to all endpoints that want it.

    Raises:
        ApiError: 422, something in the draft is not acceptable; 409, a message of the last 24
            hours has its ``event_id``.
    """
    event_type = check_event_type(draft.event_type, "event_type")
    if None not in (draft.payload_retention_hours, draft.payload_retention_period):
        raise ApiError.not_allowed_with("payload_retention_hours", "payload_retention_period")
    body = _body(draft)
    details = MessageDetails(
        event_id=_free_event_id(instance, draft.event_id),
        channels=check_channels(draft.channels),
        tags=check_tags(draft.tags),
        deliver_at=_deliver_at(instance, draft.deliver_at),
    )
    return instance.log.append_message(event_type, body, details=details)


def send_example(
    instance: Instance, endpoint: Endpoint, event_type: str, payload: JsonObject | None
) -> Event:
    """Send one endpoint an example: ``payload``, the last message of this type, or a minimal one.

    Raises:
        ApiError: 404, Clerk has no such event type; 422, the endpoint is disabled.
    """
    if event_type not in EVENT_TYPES:
        raise ApiError.not_found("event type", event_type)
    endpoint.check_enabled()
    body = _example(instance, event_type) if payload is None else orjson.dumps(payload).decode()
    details = MessageDetails(only_to=endpoint.id)
    return instance.log.append_message(event_type, body, details=details)


def find_message(instance: Instance, name: str) -> Event:
    """Return the message with this id, or the youngest that its sender named so.

    Raises:
        ApiError: 404, there is none.
    """
    event = instance.log.get(name)
    if event is None:
        event = instance.log.named(name)
    if event is None:
        raise ApiError.not_found("message", name)
    return event


def expunge_everything(instance: Instance) -> int:
    """Delete the bodies of all messages, and return how many had one."""
    with_body = [
        heading.id
        for heading in instance.log.headings(falling=False)
        if not heading.details.expunged
    ]
    for message_id in with_body:
        instance.log.expunge(message_id)
    return len(with_body)


def is_wanted_by_anyone(
    instance: Instance, event_type: str, channels: tuple[str, ...] | None
) -> bool:
    """Tell whether there is an enabled endpoint that would get such a message."""
    wanted = check_channels(channels)
    name = check_event_type(event_type, "event_type")
    return any(endpoint.wants(name, wanted) for endpoint in instance.endpoints)


def _free_event_id(instance: Instance, event_id: str | None) -> str | None:
    if event_id is None:
        return None
    check_uid(event_id, "event_id", kind="msg")
    known = instance.log.named(event_id)
    if known is not None and instance.clock.now_ms() - known.timestamp < DAY_MS:
        raise ApiError.of(
            409,
            "conflict",
            "already used",
            f"A message of the last 24 hours has the eventId {event_id}.",
        )
    return event_id


def _deliver_at(instance: Instance, wanted: int | None) -> int | None:
    if wanted is None:
        return None
    now = instance.clock.now_ms()
    if not now + MINUTE_MS <= wanted <= now + DAY_MS:
        raise ApiError.bad_value("deliver_at", "1 minute to 24 hours in the future")
    return wanted


def _body(draft: MessageDraft) -> str:
    params = draft.transformations_params or {}
    for name in params:
        if name != "rawPayload":
            raise ApiError.bad_value(
                "transformations_params", "nothing but rawPayload: the fake runs no transformations"
            )
    raw = params.get("rawPayload")
    if raw is None:
        return orjson.dumps(draft.payload).decode()
    if not isinstance(raw, str):
        raise ApiError.bad_format("transformations_params.rawPayload", "a string")
    return raw


def _example(instance: Instance, event_type: str) -> str:
    for heading in instance.log.headings(falling=True):
        if heading.type == event_type and not heading.details.expunged:
            event = instance.log.get(heading.id)
            if event is not None:
                return event.payload
    noun = event_type.partition(".")[0]
    document = {
        "data": {"id": f"{noun}_example", "object": noun},
        "event_attributes": {"http_request": {"client_ip": "", "user_agent": ""}},
        "instance_id": instance.id,
        "object": "event",
        "timestamp": instance.clock.now_ms(),
        "type": event_type,
    }
    return orjson.dumps(document).decode()
