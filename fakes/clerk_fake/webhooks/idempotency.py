"""Answers that are given again when the same is asked twice: ``Idempotency-Key``."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from clerk_fake.clock import Clock
from clerk_fake.state import Noun, State, Table

__all__ = ["IDEMPOTENT_ANSWERS", "KEPT_MS", "IdempotentAnswer", "IdempotentAnswers"]

KEPT_MS: Final = 12 * 3600 * 1000
"""How long an answer is remembered, on the instance's clock."""

ROOM: Final = 32 * 1024 * 1024
"""How much is remembered of an instance, in bytes; the oldest is forgotten first."""

OVERHEAD: Final = 500
"""What an answer takes beside its body, in bytes."""


@dataclass(frozen=True, slots=True)
class IdempotentAnswer:
    """What was answered to the first request with a key.

    Attributes:
        id: A digest of who asked, for what, under which key.
        created_at: When, on the instance's clock, ms.
        status: HTTP status.
        body: All of it.
    """

    id: str
    created_at: int
    status: int
    body: str


IDEMPOTENT_ANSWERS: Final = Noun("idempotent_answers", IdempotentAnswer)


class IdempotentAnswers:
    """The answers that an instance remembers.

    Args:
        state: Where they are kept.
        clock: Ends them.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._counted: Table[IdempotentAnswer] | None = None
        self._size = 0

    def find(self, *asked: str) -> IdempotentAnswer | None:
        """Return what was answered when this was ``asked`` before, unless it is too long ago."""
        known = self._table().get(_digest(asked))
        if known is None or self._clock.now_ms() - known.created_at >= KEPT_MS:
            return None
        return known

    def keep(self, *asked: str, status: int, body: str) -> None:
        """Remember an answer."""
        now = self._clock.now_ms()
        table = self._table()
        answer = IdempotentAnswer(_digest(asked), now, status, body)
        outdated = table.get(answer.id)
        if outdated is not None:
            self._forget(outdated)
        table.put(answer)
        self._size += _size(answer)
        for old in tuple(self._surplus(answer)):
            self._forget(old)

    def _surplus(self, latest: IdempotentAnswer) -> Iterator[IdempotentAnswer]:
        """Yield what is forgotten now; a single large answer may take all the room."""
        size = self._size
        for old in self._table().oldest_first():
            outdated = latest.created_at - old.created_at >= KEPT_MS
            if old is latest or not (outdated or size > ROOM):
                return
            size -= _size(old)
            yield old

    def _forget(self, answer: IdempotentAnswer) -> None:
        self._table().remove(answer)
        self._size -= _size(answer)

    def _table(self) -> Table[IdempotentAnswer]:
        table = self._state.of(IDEMPOTENT_ANSWERS)
        if table is not self._counted:  # the state is a new one, or filled from elsewhere
            self._counted = table
            self._size = sum(map(_size, table.oldest_first()))
        return table


def _size(answer: IdempotentAnswer) -> int:
    return OVERHEAD + len(answer.body)


def _digest(asked: tuple[str, ...]) -> str:
    return sha256("\n".join(asked).encode()).hexdigest()
