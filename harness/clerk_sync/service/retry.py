"""When to try again, and when to stop."""

from dataclasses import dataclass
from random import Random

from clerk_sync.config import Settings

__all__ = ["RetryPolicy"]

JITTER = 0.2


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with jitter.

    Attributes:
        max_attempts: After so many a webhook is dead.
        base_s: Pause after the first failed attempt, in seconds.
        cap_s: Longest pause, in seconds.
        random: Source of the jitter.
    """

    max_attempts: int
    base_s: float
    cap_s: float
    random: Random

    @classmethod
    def of(cls, settings: Settings) -> "RetryPolicy":
        """Return the policy that the configuration asks for."""
        return cls(
            max_attempts=settings.max_attempts,
            base_s=settings.retry_base_s,
            cap_s=settings.retry_cap_s,
            random=Random(),  # noqa: S311 - jitter is no secret
        )

    def is_exhausted(self, attempts: int) -> bool:
        """Tell whether ``attempts`` were the last ones."""
        return attempts >= self.max_attempts

    def pause_s(self, attempts: int) -> float:
        """Return the seconds from the failure of attempt number ``attempts`` to the next one."""
        # The exponent is bounded, for 2.0**1024 is an OverflowError.
        pause = min(self.cap_s, self.base_s * 2.0 ** min(attempts - 1, 64))
        return pause * self.random.uniform(1 - JITTER, 1 + JITTER)
