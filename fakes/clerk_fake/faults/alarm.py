"""Something that happens at a moment of an instance's clock, whoever turns it."""

import asyncio
from collections.abc import Callable
from typing import Final

from clerk_fake.clock import Clock

__all__ = ["Alarm"]

LONGEST_SLEEP_S: Final = 24 * 3600
"""So long an event loop is asked to wait at most; then the clock is looked at again."""


class Alarm:
    """Rings once, as soon as the clock shows its time; needs the event loop.

    Args:
        clock: The instance's clock.
        at_ms: When.
        ring: What is called then.
    """

    def __init__(self, clock: Clock, at_ms: int, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._at_ms = at_ms
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._over = False
        clock.on_turn(self._look)
        self._look()

    def stop(self) -> None:
        """Ring no more."""
        self._over = True
        self._clock.off_turn(self._look)
        self._rest()

    def _look(self) -> None:
        self._rest()
        if self._over:
            return
        left_s = (self._at_ms - self._clock.now_ms()) / 1000
        if left_s <= 0:
            self.stop()
            self._ring()
        elif not self._clock.frozen:
            pause_s = min(left_s, LONGEST_SLEEP_S)
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._look)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
