"""What Clerk emitted, and how each attempt to deliver it went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import orjson

from clerk_harness.clerk.wire import Wire

__all__ = ["Attempt", "Message", "Messages", "is_acknowledgement"]

_PAGE = 1000
_FIRST_PAGE = 100


@dataclass(frozen=True)
class Message:
    """One event, as it is or would be sent.

    Attributes:
        id: The ``svix-id``.
        seq: Place in the order of commits, from 1.
        timestamp: Milliseconds since the epoch, on the instance's clock.
        object_id: Id of what changed, such as the user's.
        payload: The exact body.
        status: ``none``, ``pending``, ``delivered`` or ``exhausted``.
    """

    id: str
    seq: int
    event_type: str
    timestamp: int
    object_id: str
    payload: str
    status: str

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the control plane's JSON."""
        return cls(**{name: wire[name] for name in cls.__dataclass_fields__})

    @property
    def data(self) -> Mapping[str, Any]:
        """The ``data`` of the envelope."""
        data: Mapping[str, Any] = orjson.loads(self.payload)["data"]
        return data

    @property
    def version(self) -> int | None:
        """Clerk's ``updated_at`` of the object in milliseconds; None for a tombstone."""
        version = self.data.get("updated_at")
        return None if version is None else int(version)


@dataclass(frozen=True)
class Attempt:
    """One attempt at one delivery.

    Attributes:
        url: Where it went.
        response_body: The first 64 kB of the answer; empty when there was none.
        started_at: Milliseconds since the epoch, in real time.
        latency_ms: Until the answer, or until it failed.
        status: HTTP status; None when there was no answer.
        error: Why there was no answer; None when there was one.
        next_attempt_at: When the next one is due, milliseconds on the instance's clock; None for
            never.
        timestamp: When it was made, milliseconds on the instance's clock.
        trigger: ``scheduled``, or ``manual`` when somebody asked for it.
        request_headers: What was signed, and the endpoint's own.
        response_headers: Of the answer; names in lower case.
    """

    id: str
    seq: int
    message_id: str
    endpoint_id: str
    url: str
    number: int
    started_at: float
    latency_ms: float
    status: int | None
    error: str | None
    response_body: str
    next_attempt_at: int | None
    timestamp: int
    trigger: str
    request_headers: Mapping[str, str]
    response_headers: Mapping[str, str]

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the control plane's JSON."""
        return cls(**{name: wire[name] for name in cls.__dataclass_fields__})

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver answered 2xx."""
        return is_acknowledgement(self.status)


def is_acknowledgement(status: int | None) -> bool:
    """Whether an answer takes a message over: 2xx, and nothing else (None: no answer at all)."""
    return status is not None and 200 <= status < 300  # noqa: PLR2004 - HTTP's 2xx


class Messages:
    """Read the event log and the attempts of one instance."""

    def __init__(self, control: Wire) -> None:
        self._control = control

    def emitted(self, *, after: int = 0) -> Iterator[Message]:
        """Yield messages with ``seq > after``, in the order of commits."""
        return map(Message.from_wire, self._pages("/messages", after))

    def get(self, message_id: str) -> Message:
        """Return one message.

        Raises:
            ClerkRefusedError: 404, there is none.
        """
        return Message.from_wire(self._control.call("GET", f"/messages/{quote(message_id, '')}"))

    def last_seq(self) -> int:
        """Return the ``seq`` of the youngest message, 0 when there is none."""
        return self._last_seq("/messages")

    def last_attempt_seq(self) -> int:
        """Return the ``seq`` of the youngest attempt, 0 when there is none."""
        return self._last_seq("/attempts")

    def latest(self) -> Iterator[Message]:
        """Yield all messages that there are now, the youngest first."""
        end, size = self.last_seq(), _FIRST_PAGE
        while end > 0:
            begin = max(end - size, 0)
            page = self._control.call("GET", "/messages", after=begin, limit=end - begin)
            yield from map(Message.from_wire, reversed(page["data"]))
            end, size = begin, min(2 * size, _PAGE)  # few want more than the first

    def attempts_of(self, message_id: str) -> list[Attempt]:
        """Return the attempts to deliver one message, in the order in which they ended."""
        pages = self._pages("/attempts", 0, message_id=message_id)
        return [Attempt.from_wire(each) for each in pages]

    def latest_attempts(self, limit: int) -> list[Attempt]:
        """Return the last ``limit`` attempts (1 to 1000), in the order in which they ended."""
        begin = max(self.last_attempt_seq() - limit, 0)
        page = self._control.call("GET", "/attempts", after=begin, limit=limit)
        return [Attempt.from_wire(each) for each in page["data"]]

    def attempts(self, *, after: int = 0) -> Iterator[Attempt]:
        """Yield attempts with ``seq > after``, in the order in which they ended."""
        return map(Attempt.from_wire, self._pages("/attempts", after))

    def pending(self) -> int:
        """Count the deliveries that are still to be made or repeated."""
        return int(self._control.call("GET", "/deliveries")["pending"])

    def resend(self, message_id: str, *, endpoint_id: str | None = None) -> None:
        """Deliver a message again, now.

        Args:
            message_id: Which one.
            endpoint_id: To this endpoint; needed where the message was meant for none.
        """
        body = {} if endpoint_id is None else {"endpoint_id": endpoint_id}
        self._control.call("POST", f"/messages/{message_id}/resend", body)

    def trigger(self, event_type: str, data: Mapping[str, Any]) -> Message:
        """Emit an event without a change of state."""
        body = {"type": event_type, "data": dict(data)}
        return Message.from_wire(self._control.call("POST", "/trigger", body))

    def _last_seq(self, path: str) -> int:
        """Find the end of a list that is read from the front: double, then halve."""
        beyond = 1
        while self._reaches(path, beyond):
            beyond *= 2
        known = beyond // 2
        while beyond - known > 1:
            middle = (known + beyond) // 2
            known, beyond = (middle, beyond) if self._reaches(path, middle) else (known, middle)
        return known

    def _reaches(self, path: str, seq: int) -> bool:
        return bool(self._control.call("GET", path, after=seq - 1, limit=1)["data"])

    def _pages(
        self, path: str, after: int, message_id: str | None = None
    ) -> Iterator[dict[str, Any]]:
        cursor: int | None = after
        while cursor is not None:
            page = self._control.call("GET", path, after=cursor, limit=_PAGE, message_id=message_id)
            yield from page["data"]
            cursor = page["next"]
