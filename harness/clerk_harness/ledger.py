"""The harness's own books: what Clerk emitted, what was acknowledged, what was seen meanwhile."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clerk_harness.clerk import Attempt, ClerkInstance, Message
from clerk_harness.clerk.messages import is_acknowledgement

__all__ = ["FaultWindow", "Ledger", "LoadDelivery", "Sighting"]


@dataclass(frozen=True)
class Sighting:
    """A version of a user that the service was seen to hold at some moment of the run."""

    clerk_id: str
    version: int


@dataclass(frozen=True)
class FaultWindow:
    """When a fault was on.

    Attributes:
        started_at: Unix seconds.
        ended_at: The same.
        matched: How much it could have struck, of faults that are counted.
        fired: How often it took effect, of the same.
    """

    name: str
    started_at: float
    ended_at: float
    matched: int | None = None
    fired: int | None = None


@dataclass(frozen=True)
class LoadDelivery:
    """One message that a load sent.

    Attributes:
        due_at: When it should have been sent, in Unix seconds.
        latency_ms: From then until it was answered, or given up.
        status: HTTP status; None when there was no answer.
    """

    message_id: str
    due_at: float
    latency_ms: float
    status: int | None

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver answered 2xx."""
        return is_acknowledgement(self.status)


class Ledger:
    """Everything that the oracle judges by, besides what the service itself says.

    The books are only ever added to, and may be written from several threads.

    Args:
        clerk: The instance whose events and attempts are kept.
    """

    def __init__(self, clerk: ClerkInstance) -> None:
        self._clerk = clerk
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self._attempts: list[Attempt] = []
        self._load: list[LoadDelivery] = []
        self._faults: list[FaultWindow] = []
        self._sightings: list[Sighting] = []
        self._excused: frozenset[str] = frozenset()

    def refresh(self) -> None:
        """Fetch what Clerk emitted and attempted since the last time."""
        with self._lock:
            after = self._messages[-1].seq if self._messages else 0
            self._messages.extend(self._clerk.messages.emitted(after=after))
            after = self._attempts[-1].seq if self._attempts else 0
            self._attempts.extend(self._clerk.messages.attempts(after=after))

    @property
    def emitted(self) -> Sequence[Message]:
        """Messages in the order of commits, as of the last refresh."""
        return tuple(self._messages)

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Delivery attempts in the order in which they ended, as of the last refresh."""
        return tuple(self._attempts)

    @property
    def acknowledged(self) -> frozenset[str]:
        """Ids of messages that the service answered with 2xx at least once."""
        by_dispatcher = {attempt.message_id for attempt in self._attempts if attempt.acknowledged}
        by_load = {delivery.message_id for delivery in self._load if delivery.acknowledged}
        return frozenset(by_dispatcher | by_load)

    @property
    def deleted_users(self) -> frozenset[str]:
        """Clerk ids of users that Clerk has deleted."""
        return frozenset(
            message.object_id for message in self._messages if message.event_type == "user.deleted"
        )

    @property
    def sightings(self) -> Sequence[Sighting]:
        """Versions seen, in the order in which they were seen."""
        return tuple(self._sightings)

    @property
    def load(self) -> Sequence[LoadDelivery]:
        """What loads delivered past Clerk's own dispatcher."""
        return tuple(self._load)

    @property
    def faults(self) -> Sequence[FaultWindow]:
        """Faults of the run so far."""
        return tuple(self._faults)

    @property
    def excused(self) -> frozenset[str]:
        """Ids of users and messages whose breach has been reported, and is not reported again."""
        return self._excused

    def excuse(self, subjects: Iterable[str]) -> None:
        """Note that a breach of these has been reported."""
        with self._lock:
            self._excused |= frozenset(subjects)

    def add_load(self, deliveries: Iterable[LoadDelivery]) -> None:
        """Note what a load delivered."""
        with self._lock:
            self._load.extend(deliveries)

    def add_fault(self, window: FaultWindow) -> None:
        """Note when a fault was on."""
        with self._lock:
            self._faults.append(window)

    def see(self, clerk_id: str, version: int) -> None:
        """Note a version that the service holds right now."""
        with self._lock:
            self._sightings.append(Sighting(clerk_id, version))
