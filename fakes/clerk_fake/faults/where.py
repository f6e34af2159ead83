"""Which requests a fault strikes, how often and for how long."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from clerk_fake.faults.pattern import PathPattern
from clerk_fake.jsontypes import Between

__all__ = ["Where"]

MOST_TIMES: Final = 1_000_000_000
LONGEST_S: Final = 100 * 365 * 24 * 3600
LARGEST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Where:
    """What is said about the requests when a fault is set.

    Attributes:
        method: Upper case; ``None`` for all.
        path: A ``PathPattern``; ``None`` for all that the kind of fault can strike.
        probability: Of each request that is matched, 0 to 1.
        burst: Once it strikes, it strikes so many matched requests in a row.
        times: It strikes so many requests in all; ``None`` for no end.
        duration_s: It ends after so many seconds of the instance's clock; ``None`` for no end.
        seed: Repeats what is drawn; ``None`` for the instance's seed, or else a new one.
    """

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: str | None = None
    probability: Annotated[float, Between(0, 1)] = 1.0
    burst: Annotated[int, Between(1, MOST_TIMES)] = 1
    times: Annotated[int, Between(1, MOST_TIMES)] | None = None
    duration_s: Annotated[float, Between(0, LONGEST_S)] | None = None
    seed: Annotated[int, Between(0, LARGEST_SEED)] | None = None

    def pattern(self) -> PathPattern:
        """Return the pattern of the path.

        Raises:
            ApiError: 422, it is none.
        """
        return PathPattern("*" if self.path is None else self.path)
