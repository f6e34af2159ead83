"""Asks Clerk no more often than so many times a second."""

import asyncio
import time

__all__ = ["Pace"]


class Pace:
    """Spreads requests evenly.

    Args:
        per_second: At most so many; 0 for as many as there are.
    """

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second if per_second else 0.0
        self._next_at = 0.0

    async def wait(self) -> None:
        """Return when the next request may go out."""
        if not self._gap_s:
            return
        now = time.monotonic()
        turn = max(now, self._next_at)
        self._next_at = turn + self._gap_s
        if turn > now:
            await asyncio.sleep(turn - now)
