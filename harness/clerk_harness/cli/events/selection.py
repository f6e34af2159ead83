"""Which messages are wanted."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from clerk_harness.clerk import ClerkInstance, Message

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which messages are wanted.

    Attributes:
        types: Event types, ``*`` for anything; empty for all.
        statuses: How they stand; empty for all.
    """

    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def wants(self, message: Message) -> bool:
        """Tell whether a message is wanted."""
        return self.wants_type(message.event_type) and (
            not self.statuses or message.status in self.statuses
        )

    def wants_type(self, event_type: str) -> bool:
        """Tell whether an event type is wanted."""
        return not self.types or any(fnmatchcase(event_type, each) for each in self.types)

    def latest(self, clerk: ClerkInstance, limit: int) -> list[Message]:
        """Return the youngest ``limit`` of them, the oldest first."""
        found = filter(self.wants, clerk.messages.latest())
        return list(islice(found, limit))[::-1]
