"""How often a fault strikes, and for how long."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.jsontypes import Between

__all__ = ["Draws"]

MOST_TIMES: Final = 1_000_000_000
LONGEST_S: Final = 100 * 365 * 24 * 3600
LARGEST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What is said when a fault is set, besides whom it is to strike.

    Attributes:
        probability: Of each request or delivery that is matched, 0 to 1.
        burst: Once it strikes, it strikes so many matched ones in a row.
        times: It strikes so many in all; ``None`` for no end.
        duration_s: It ends after so many seconds of the instance's clock; ``None`` for no end.
        seed: Repeats what is drawn; ``None`` for the instance's seed, or else a new one.
    """

    probability: Annotated[float, Between(0, 1)] = 1.0
    burst: Annotated[int, Between(1, MOST_TIMES)] = 1
    times: Annotated[int, Between(1, MOST_TIMES)] | None = None
    duration_s: Annotated[float, Between(0, LONGEST_S)] | None = None
    seed: Annotated[int, Between(0, LARGEST_SEED)] | None = None
