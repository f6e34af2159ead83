"""Deadlines of many short things, for less than a timer each costs."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Deadlines"]

K = TypeVar("K", bound=Hashable)


class Deadlines(Generic[K]):
    """Calls back for whatever has not ended in time.

    All last equally long, so that one timer, for the oldest, serves them all: a timer each takes
    as long as a signature, and every webhook would need two.

    Args:
        after_s: How long each has, in seconds.
        strike: Called with what is late, which has then ended.
    """

    def __init__(self, after_s: float, strike: Callable[[K], object]) -> None:
        self._after_s = after_s
        self._strike = strike
        self._begun: dict[K, float] = {}  # in the order in which they began
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, what: K) -> None:
        """Start the time of one thing."""
        loop = asyncio.get_running_loop()
        self._begun[what] = now = loop.time()
        if self._timer is None:
            self._timer = loop.call_at(now + self._after_s, self._look)

    def end(self, what: K) -> bool:
        """Stop its time, and return whether it was not struck."""
        return self._begun.pop(what, None) is not None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._begun:
            oldest, begun = next(iter(self._begun.items()))
            due = begun + self._after_s
            if due > loop.time():
                self._timer = loop.call_at(due, self._look)
                return
            del self._begun[oldest]
            self._strike(oldest)
