"""Counts, and refuses what is too much."""

from collections.abc import Iterable, Mapping
from typing import Final

from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.limits.rates import Rate
from clerk_fake.limits.settings import Limits
from clerk_fake.limits.window import SlidingWindow

__all__ = ["Limiter"]

MANY_WINDOWS: Final = 10_000
"""Among more windows than these, empty ones are looked for before another is added."""


class Limiter:
    """The counters of one instance, on its clock.

    Args:
        limits: How much is allowed.
        clock: The instance's clock.

    Attributes:
        limits: As given.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, str], SlidingWindow] = {}

    def admit(self, rates: Iterable[Rate], params: Mapping[str, str]) -> None:
        """Count a request towards ``rates``; ``params`` are the variable parts of its path.

        Raises:
            ApiError: 429 with ``Retry-After``, in seconds of the instance's clock.
        """
        now_ms = self._clock.now_ms()
        for rate in rates:
            limit = rate.limit(self.limits)
            if limit is None:
                continue
            key = (rate.name, "" if rate.per is None else params[rate.per])
            window = self._windows.get(key)
            if window is None:
                window = self._add_window(key, limit, rate.window_ms)
            wait_ms = window.enter(now_ms)
            if wait_ms:
                raise ApiError.too_many_requests(-(-wait_ms // 1000))

    def check_room_for_user(self, users: int) -> None:
        """Refuse one user more than the ``users`` that there are, if that is too many.

        Raises:
            ApiError: 403 ``user_quota_exceeded``.
        """
        most = self.limits.users
        if most is not None and users >= most:
            raise ApiError.of(
                403,
                "user_quota_exceeded",
                "user quota exceeded",
                f"You have reached your limit of {most} users. "
                "If you need more users, please use a Production instance.",
            )

    def _add_window(self, key: tuple[str, str], limit: int, length_ms: int) -> SlidingWindow:
        if len(self._windows) >= MANY_WINDOWS:
            now_ms = self._clock.now_ms()
            self._windows = {
                key: window for key, window in self._windows.items() if not window.empty_at(now_ms)
            }
        window = self._windows[key] = SlidingWindow(limit, length_ms)
        return window
