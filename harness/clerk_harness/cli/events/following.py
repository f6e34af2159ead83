"""``clerk-harness events list --follow``: what is emitted and attempted, as it comes."""

from clerk_harness.clerk import Attempt, ClerkInstance, Message
from clerk_harness.cli.events.selection import Selection
from clerk_harness.cli.printing import (
    answer_of,
    as_json,
    attempt_json,
    message_json,
    output,
    plain,
    short_time_of,
)
from clerk_harness.waiting import eventually

__all__ = ["go_on"]

_EVERY_S = 0.2


def go_on(clerk: ClerkInstance, wanted: Selection, limit: int, *, in_json: bool) -> None:
    """Print the last ``limit`` messages and then every message and attempt, until Ctrl-C."""
    follower = _Follower(clerk, wanted, in_json=in_json)
    try:
        for message in wanted.latest(clerk, limit):
            follower.tell_message(message)
        eventually(follower.look, within=float("inf"), every=_EVERY_S)
    except KeyboardInterrupt:
        return


class _Follower:
    def __init__(self, clerk: ClerkInstance, wanted: Selection, *, in_json: bool) -> None:
        self._clerk = clerk
        self._wanted = wanted
        self._in_json = in_json
        self._screen = output()
        self._types: dict[str, str] = {}
        self._attempt_seq = clerk.messages.last_attempt_seq()
        self._seq = clerk.messages.last_seq()

    def look(self) -> bool:
        """Tell what is new; never done."""
        for message in self._clerk.messages.emitted(after=self._seq):
            self._seq = message.seq
            if self._wanted.wants(message):
                self.tell_message(message)
        for attempt in self._clerk.messages.attempts(after=self._attempt_seq):
            self._attempt_seq = attempt.seq
            event_type = self._type_of(attempt.message_id)
            if self._wanted.wants_type(event_type):
                self._tell_attempt(attempt, event_type)
        return False

    def tell_message(self, message: Message) -> None:
        """Print that a message was emitted."""
        self._types[message.id] = message.event_type
        if self._in_json:
            as_json({"kind": "message", **message_json(message)})
            return
        told = f"{short_time_of(message.timestamp)}  {message.event_type}  {message.id}"
        self._print(f"{told}  {message.object_id}")

    def _tell_attempt(self, attempt: Attempt, event_type: str) -> None:
        if self._in_json:
            as_json({"kind": "attempt", "event_type": event_type, **attempt_json(attempt)})
            return
        told = f"{short_time_of(attempt.timestamp)}    {event_type}  {attempt.message_id}"
        self._print(f"{told}  attempt {attempt.number} at {attempt.url}: {answer_of(attempt)}")

    def _type_of(self, message_id: str) -> str:
        if message_id not in self._types:
            self._types[message_id] = self._clerk.messages.get(message_id).event_type
        return self._types[message_id]

    def _print(self, line: str) -> None:
        self._screen.print(plain(line), soft_wrap=True)
