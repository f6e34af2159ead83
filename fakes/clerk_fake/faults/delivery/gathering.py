"""Deliveries that wait for each other."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Gathering", "Place"]

Place: TypeAlias = "asyncio.Future[None]"
"""Done when whoever holds it may go."""


class Gathering:
    """Those who come wait, until there are enough of them or time is up.

    Args:
        size: How many are enough.
        wait_s: How long the first one waits at most, in real seconds.
        go: Is given their places, in the order of their coming.
    """

    def __init__(self, size: int, wait_s: float, go: Callable[[list[Place]], None]) -> None:
        self._size = size
        self._wait_s = wait_s
        self._go = go
        self._waiting: list[Place] = []
        self._timer: asyncio.TimerHandle | None = None

    def join(self) -> Place:
        """Return a place to wait for."""
        loop = asyncio.get_running_loop()
        place: Place = loop.create_future()
        self._waiting.append(place)
        if len(self._waiting) >= self._size:
            self.release()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait_s, self.release)
        return place

    def release(self) -> None:
        """Let go whoever waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gathered, self._waiting = self._waiting, []
        still_there = [place for place in gathered if not place.done()]
        if still_there:
            self._go(still_there)
