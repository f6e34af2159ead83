"""The books of one stream of messages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clerk_fake.events.log import EventLog
from clerk_fake.webhooks.attempts import Attempts
from clerk_fake.webhooks.deliveries import Deliveries
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.failures import Failures

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Outbox"]


@dataclass(frozen=True, slots=True)
class Outbox:
    """What a dispatcher keeps its books in.

    Attributes:
        log: What is to be sent.
        endpoints: To whom.
        deliveries: How far each message has come.
        attempts: What was tried.
        failures: Since when an endpoint has taken nothing.
    """

    log: EventLog
    endpoints: Endpoints
    deliveries: Deliveries
    attempts: Attempts
    failures: Failures

    @classmethod
    def of(cls, log: EventLog) -> "Outbox":
        """Return the books of what ``log`` holds, with nothing in them yet."""
        return cls(log, Endpoints(), Deliveries(), Attempts(), Failures())

    @property
    def empty(self) -> bool:
        """Whether nothing was ever written into the books, or all of it is forgotten."""
        books = (self.endpoints, self.log, self.deliveries, self.failures)
        return not any(len(book) for book in books) and self.attempts.next_seq == 1

    def record_to(self, changes: "Changes") -> None:
        """Tell ``changes`` of every change from now on."""
        self.log.changes = self.endpoints.changes = self.deliveries.changes = changes
        self.attempts.changes = self.failures.changes = changes

    def clear(self) -> None:
        """Forget everything."""
        self.endpoints.replace_all(())
        self.log.replace([])
        self.deliveries.replace_all(())
        self.attempts.replace_all(())
        self.failures.replace_all(())

    def close(self) -> None:
        """Let go of what the books hold of the machine; they are empty afterwards."""
        self.log.close()
        self.attempts.close()
