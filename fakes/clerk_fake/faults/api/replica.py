"""A copy of an instance's state that lags behind."""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from clerk_fake.clock import Clock
from clerk_fake.state import Noun, State

__all__ = ["Replica"]


class Replica:
    """What an instance knew some time ago; hears of changes, and takes them over when due.

    It begins with everything that is known when it is made. Time cannot be undone: when the clock
    is turned back, what was taken over stays.

    Args:
        source: What it follows, until ``close``.
        clock: The instance's.
        lag_ms: How far it is behind.
    """

    def __init__(self, source: State, clock: Clock, lag_ms: int) -> None:
        self._source = source
        self._clock = clock
        self._lag_ms = lag_ms
        self._copy = State()
        self._due: deque[tuple[int, Callable[[], None]]] = deque()
        for table in source:
            copied = self._copy.of(table.noun)
            for entity in table.oldest_first():
                copied.put(entity)
        source.record_to(self)

    def close(self) -> None:
        """Follow no more."""
        self._source.record_no_more_to(self)

    def state(self) -> State:
        """Return what was known, as far behind as it should be."""
        now_ms = self._clock.now_ms()
        while self._due and self._due[0][0] <= now_ms:
            self._due.popleft()[1]()
        return self._copy

    def put(self, kind: str, key: str, value: object) -> None:
        """Hear of an entity that was added or replaced."""
        del key
        self._wait(partial(self._put, self._noun(kind), value))

    def remove(self, kind: str, key: str) -> None:
        """Hear of an entity that is gone."""
        self._wait(partial(self._remove, self._noun(kind), key))

    def wipe(self, kind: str) -> None:
        """Hear that a whole table is gone."""
        self._wait(partial(self._wipe, self._noun(kind)))

    def _noun(self, kind: str) -> Noun[Any]:
        return next(table.noun for table in self._source if table.noun.name == kind)

    def _wait(self, change: Callable[[], None]) -> None:
        self._due.append((self._clock.now_ms() + self._lag_ms, change))

    def _put(self, noun: Noun[Any], entity: object) -> None:
        self._copy.of(noun).put(cast("Any", entity))

    def _remove(self, noun: Noun[Any], entity_id: str) -> None:
        table = self._copy.of(noun)
        entity = table.get(entity_id)
        if entity is not None:
            table.remove(entity)

    def _wipe(self, noun: Noun[Any]) -> None:
        table = self._copy.of(noun)
        for entity in tuple(table.oldest_first()):
            table.remove(entity)
