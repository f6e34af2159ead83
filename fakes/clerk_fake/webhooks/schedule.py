"""When a message is attempted again: Svix's retry schedule.

Figures: https://docs.svix.com/retries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["SVIX_DELAYS_S", "DeliverySchedule"]

SVIX_DELAYS_S: Final = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0)


@dataclass(frozen=True, slots=True)
class DeliverySchedule:
    """How often and how patiently a message is attempted.

    Attributes:
        delays_s: Seconds before each attempt, counted from the one before it.
        timeout_s: A receiver that has not answered by then has failed.
        jitter: Each delay varies by up to this share, 0 to 1.
    """

    delays_s: tuple[float, ...] = SVIX_DELAYS_S
    timeout_s: float = 15.0
    jitter: float = 0.2

    def delay_ms(self, step: int, draw: Callable[[], float]) -> int | None:
        """Return the wait before attempt number ``step`` (from 0), ``None`` when none is left.

        ``draw`` returns a random number from 0 to 1 for the jitter.
        """
        if step >= len(self.delays_s):
            return None
        spread = 1 + self.jitter * (2 * draw() - 1)
        return round(self.delays_s[step] * 1000 * spread)
