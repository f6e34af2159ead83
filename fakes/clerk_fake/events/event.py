"""What happened, as it is told to receivers: events, which are messages at the same time."""

from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from clerk_fake.frozen import quickly_frozen

__all__ = ["EXPUNGED", "NO_DETAILS", "Event", "Heading", "MessageDetails", "Origin"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who caused a change, as Clerk tells it in ``event_attributes.http_request``.

    Attributes:
        client_ip: Address of the caller.
        user_agent: Its ``User-Agent`` header.
    """

    client_ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class MessageDetails:
    """What a message may say about itself that is sent over Svix's API; no event of Clerk's does.

    Attributes:
        event_id: Its sender's name for it, unique in the instance.
        channels: Endpoints may listen to some of these only.
        tags: For searching.
        deliver_at: Not before this time of the instance's clock, ms; ``None`` for at once.
        expunged: Whether its body was deleted.
        only_to: The id of the one endpoint that it is for; ``None`` for all that want it.
    """

    event_id: str | None = None
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    deliver_at: int | None = None
    expunged: bool = False
    only_to: str | None = None


NO_DETAILS: Final = MessageDetails()
EXPUNGED: Final = '{"expired":true}'
"""What is told in the place of a body that was deleted, as Svix tells it."""


@quickly_frozen
class Event:
    """One change, and at the same time the message that tells of it.

    Attributes:
        seq: Place in the log, from 1, without gaps.
        id: The message id that receivers see as ``svix-id``.
        type: E.g. ``user.created``.
        timestamp: When it was committed, on the instance's clock, in ms.
        object_id: Id of what changed.
        payload: The exact body that is sent, JSON.
        details: What it says about itself besides.
    """

    seq: int
    id: str
    type: str
    timestamp: int
    object_id: str
    payload: str
    details: MessageDetails = NO_DETAILS


class Heading(NamedTuple):
    """An event without its payload, which may have to be read from a file."""

    seq: int
    id: str
    type: str
    timestamp: int
    details: MessageDetails

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return the heading of an event."""
        return cls(event.seq, event.id, event.type, event.timestamp, event.details)
