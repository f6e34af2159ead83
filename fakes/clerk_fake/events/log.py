"""The event log of an instance: appended to by commands, read by the dispatcher."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from sys import intern
from typing import TYPE_CHECKING

import orjson

from clerk_fake.clock import Clock
from clerk_fake.events.event import (
    EXPUNGED,
    NO_DETAILS,
    Event,
    Heading,
    MessageDetails,
    Origin,
)
from clerk_fake.events.payloads import Payloads
from clerk_fake.ids import Ids
from clerk_fake.jsontypes import JsonObject

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Event", "EventLog", "Heading", "MessageDetails", "Origin"]


class EventLog:
    """Events in commit order; holds millions of them, so it keeps columns and builds rows.

    Args:
        instance_id: Named in every payload.
        clock: The instance's clock, for the timestamps.
        ids: Makes the message ids.
        payloads: Where the bodies are kept; empty.
    """

    def __init__(
        self, instance_id: str, clock: Clock, ids: Ids, payloads: Payloads | None = None
    ) -> None:
        self.changes: Changes | None = None
        self._instance_id = instance_id
        self._clock = clock
        self._ids = ids
        self._readers: list[Callable[[Event], None]] = []
        self._payloads = payloads or Payloads()
        self._forget()

    def append(
        self,
        event_type: str,
        data: JsonObject | orjson.Fragment,
        origin: Origin,
        *,
        object_id: str | None = None,
    ) -> Event:
        """Add an event whose payload carries ``data``, and tell the readers.

        Args:
            event_type: E.g. ``user.created``.
            data: What changed, as Clerk writes it.
            origin: Who caused it.
            object_id: Id of what changed; ``None`` takes it out of ``data``, unless that is a
                fragment, which cannot be looked into.
        """
        envelope = {
            "data": data,
            "event_attributes": {
                "http_request": {
                    "client_ip": origin.client_ip,
                    "user_agent": origin.user_agent,
                }
            },
            "instance_id": self._instance_id,
            "object": "event",
            "timestamp": self._clock.now_ms(),
            "type": event_type,
        }
        named = _id_in(data) if object_id is None else object_id
        return self.append_message(event_type, orjson.dumps(envelope).decode(), object_id=named)

    def append_message(
        self,
        event_type: str,
        payload: str,
        *,
        object_id: str = "",
        details: MessageDetails = NO_DETAILS,
    ) -> Event:
        """Add a message with any body, and tell the readers.

        Args:
            event_type: E.g. ``user.created``.
            payload: The exact body.
            object_id: Id of what changed, if anything did.
            details: What it says about itself.
        """
        event = Event(
            seq=len(self._message_ids) + 1,
            id=self._ids.new("msg"),
            type=event_type,
            timestamp=self._clock.now_ms(),
            object_id=object_id,
            payload=payload,
            details=details,
        )
        self._keep(event)
        for reader in tuple(self._readers):
            reader(event)
        return event

    def heading(self, message_id: str) -> Heading | None:
        """Return the event with this message id without its payload, if there is one."""
        place = self._places.get(message_id)
        return None if place is None else self._heading_at(place)

    def headings(
        self, beyond: int | None = None, *, falling: bool, detailed: bool = False
    ) -> Iterator[Heading]:
        """Yield all events without their payloads, the youngest first when ``falling``.

        Args:
            beyond: Only those beyond the one at this place.
            falling: Towards the older ones, rather than the younger ones.
            detailed: Only those that say something about themselves; few do, so that is quick.
        """
        held = len(self._message_ids)
        if falling:
            places = range(held if beyond is None else min(beyond - 1, held))
        else:
            places = range(0 if beyond is None else max(beyond, 0), held)
        if detailed:
            told = sorted(place for place in self._details if place in places)
            return map(self._heading_at, reversed(told) if falling else told)
        return map(self._heading_at, reversed(places) if falling else places)

    def named(self, event_id: str) -> Event | None:
        """Return the message to which its sender gave this name, if there is one."""
        place = self._named.get(event_id)
        return None if place is None else self._at(place)

    def expunge(self, message_id: str) -> None:
        """Delete the body of a message for good; that it was there is remembered."""
        place = self._places[message_id]
        self._details[place] = replace(self._details.get(place, NO_DETAILS), expunged=True)
        if self.changes is not None:
            event = self._at(place)
            self.changes.put("messages", str(event.seq), event)

    def get(self, message_id: str) -> Event | None:
        """Return the event with this message id, if there is one."""
        place = self._places.get(message_id)
        return None if place is None else self._at(place)

    def after(self, seq: int, event_type: str | None = None) -> Iterator[Event]:
        """Yield the events behind place ``seq``, oldest first; only those of a type, if given."""
        for place in range(max(seq, 0), len(self._message_ids)):
            if event_type is None or event_type == self._types[place]:
                yield self._at(place)

    def __len__(self) -> int:
        return len(self._message_ids)

    def on_append(self, reader: Callable[[Event], None]) -> None:
        """Call ``reader`` with every event that is appended from now on."""
        self._readers.append(reader)

    def off_append(self, reader: Callable[[Event], None]) -> None:
        """Call ``reader`` no more, if it was called until now."""
        if reader in self._readers:
            self._readers.remove(reader)

    def replace(self, events: list[Event]) -> None:
        """Hold exactly ``events`` (from a snapshot, or none); readers are not told."""
        if self.changes is not None:
            self.changes.wipe("messages")
        self._forget()
        for event in events:
            self._keep(event)

    def close(self) -> None:
        """Forget everything and let go of what the log holds of the machine."""
        self._forget()

    def _heading_at(self, place: int) -> Heading:
        return Heading(
            seq=place + 1,
            id=self._message_ids[place],
            type=self._types[place],
            timestamp=self._timestamps[place],
            details=self._details.get(place, NO_DETAILS),
        )

    def _forget(self) -> None:
        self._message_ids: list[str] = []
        self._types: list[str] = []
        self._object_ids: list[str] = []
        self._timestamps: list[int] = []
        self._places: dict[str, int] = {}
        self._details: dict[int, MessageDetails] = {}
        self._named: dict[str, int] = {}
        self._payloads.clear()

    def _at(self, place: int) -> Event:
        details = self._details.get(place, NO_DETAILS)
        return Event(
            seq=place + 1,
            id=self._message_ids[place],
            type=self._types[place],
            timestamp=self._timestamps[place],
            object_id=self._object_ids[place],
            payload=EXPUNGED if details.expunged else self._payloads[place].decode(),
            details=details,
        )

    def _keep(self, event: Event) -> None:
        place = len(self._message_ids)
        self._places[event.id] = place
        if event.details is not NO_DETAILS and event.details != NO_DETAILS:
            self._details[place] = event.details
            if event.details.event_id is not None:
                self._named[event.details.event_id] = place
        self._message_ids.append(event.id)
        self._types.append(intern(event.type))
        self._object_ids.append(event.object_id)
        self._timestamps.append(event.timestamp)
        self._payloads.append(event.payload.encode())
        if self.changes is not None:
            self.changes.put("messages", str(event.seq), event)


def _id_in(data: JsonObject | orjson.Fragment) -> str:
    return str(data.get("id", "")) if isinstance(data, dict) else ""
