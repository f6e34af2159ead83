"""What was tried: every attempt to deliver a message, successful or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["ATTEMPTS_KEPT", "SUCCESS", "Attempt", "Attempts"]

ATTEMPTS_KEPT: Final = 250_000
"""How many attempts an instance remembers; the oldest are forgotten first."""

SUCCESS: Final = range(200, 300)
"""Only these statuses mean that the receiver took the message."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver one message to one endpoint.

    Attributes:
        id: ``atmpt_…``.
        seq: Place among all attempts of the instance, from 1.
        message_id: What was delivered.
        endpoint_id: To whom.
        url: The endpoint's URL at that time.
        number: Which attempt of this message at this endpoint, from 1.
        started_at: Real Unix time in ms.
        latency_ms: How long it took, ms.
        status: HTTP status; ``None`` when no answer came.
        error: Why no answer came, ``kind: detail``; ``None`` when one came.
        response_body: The beginning of the answer's body.
        next_attempt_at: When the next one is due on the instance's clock, ms; ``None`` for never.
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


class Attempts:
    """The attempts of one instance, oldest first.

    Args:
        kept: How many are remembered.
    """

    def __init__(self, kept: int = ATTEMPTS_KEPT) -> None:
        self.changes: Changes | None = None
        self._kept = kept
        self._forgotten = 0
        self._attempts: list[Attempt] = []

    @property
    def next_seq(self) -> int:
        """The ``seq`` of the attempt that comes next."""
        return self._forgotten + len(self._attempts) + 1

    def append(self, attempt: Attempt) -> None:
        """Remember an attempt."""
        self._attempts.append(attempt)
        self._record(attempt)
        surplus = len(self._attempts) - self._kept
        if surplus > self._kept // 4:  # in chunks: cutting a list's head costs its whole length
            self._forget(surplus)

    def after(self, seq: int) -> Iterator[Attempt]:
        """Yield the remembered attempts behind ``seq``, oldest first."""
        for index in range(max(seq - self._forgotten, 0), len(self._attempts)):
            yield self._attempts[index]

    def replace_all(self, attempts: Iterable[Attempt]) -> None:
        """Remember exactly these (from a snapshot, or none)."""
        self._attempts = list(attempts)
        self._forgotten = self._attempts[0].seq - 1 if self._attempts else 0
        if self.changes is not None:
            self.changes.wipe("attempts")
        for attempt in self._attempts:
            self._record(attempt)

    def _record(self, attempt: Attempt) -> None:
        if self.changes is not None:
            self.changes.put("attempts", str(attempt.seq), attempt)

    def _forget(self, count: int) -> None:
        if self.changes is not None:
            for attempt in self._attempts[:count]:
                self.changes.remove("attempts", str(attempt.seq))
        del self._attempts[:count]
        self._forgotten += count
