"""When a message is attempted again: Svix's retry schedule.

Figures: https://docs.svix.com/retries; the pause for an overloaded receiver is that of Svix's open
server.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["SVIX_DELAYS_S", "DeliverySchedule"]

SVIX_DELAYS_S: Final = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0)
MOST_PATIENCE: Final = 2
"""``Retry-After`` makes a step at most so many times as long."""


@dataclass(frozen=True, slots=True)
class DeliverySchedule:
    """How often and how patiently a message is attempted.

    Attributes:
        delays_s: Seconds before each attempt, counted from the one before it.
        timeout_s: A receiver that has not answered by then has failed.
        jitter: Each delay varies by up to this share, 0 to 1.
        overload_s: A receiver that timed out or answered 429, 502 or 504 has at least so long to
            recover; but never longer than the longest delay, so that a schedule that was compressed
            to seconds stays one.
    """

    delays_s: tuple[float, ...] = SVIX_DELAYS_S
    timeout_s: float = 15.0
    jitter: float = 0.2
    overload_s: float = 60.0

    def delay_ms(
        self,
        step: int,
        draw: Callable[[], float],
        *,
        overloaded: bool = False,
        retry_after_s: float | None = None,
    ) -> int | None:
        """Return the wait before attempt number ``step`` (from 0), ``None`` when none is left.

        Args:
            step: How many attempts of the schedule were made.
            draw: Returns a random number from 0 to 1 for the jitter, which comes last.
            overloaded: Whether the receiver needs a longer pause.
            retry_after_s: What it asked for; heeded from one to two times the wait without it.
        """
        if step >= len(self.delays_s):
            return None
        pause_s = self.delays_s[step]
        if overloaded:
            pause_s = max(pause_s, min(self.overload_s, max(self.delays_s)))
        if retry_after_s is not None:
            pause_s = min(max(retry_after_s, pause_s), MOST_PATIENCE * pause_s)
        spread = 1 + self.jitter * (2 * draw() - 1)
        return round(pause_s * 1000 * spread)
