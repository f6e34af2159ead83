"""A sliding window: at most so many in any stretch of so many milliseconds."""

from collections import deque

__all__ = ["SlidingWindow"]


class SlidingWindow:
    """Remembers when it let somebody in; holds at most ``limit`` times.

    Args:
        limit: How many are let in.
        length_ms: In how long.
    """

    def __init__(self, limit: int, length_ms: int) -> None:
        self._limit = limit
        self._length_ms = length_ms
        self._times: deque[int] = deque()

    def enter(self, now_ms: int) -> int:
        """Let somebody in and return 0, or return in how many ms to ask again.

        Whoever is refused is not counted.
        """
        if self._limit == 0:
            return self._length_ms
        if self._times and self._times[-1] > now_ms:
            self._times.clear()  # the clock was turned back
        if len(self._times) == self._limit:
            wait_ms = self._times[0] + self._length_ms - now_ms
            if wait_ms > 0:
                return wait_ms
            self._times.popleft()
        self._times.append(now_ms)
        return 0

    def empty_at(self, now_ms: int) -> bool:
        """Tell whether nobody is counted any more."""
        return not self._times or self._times[-1] + self._length_ms <= now_ms
