"""Exact percentiles: every sample is kept, nothing is rounded into bins."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Histogram"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Samples in ascending order."""

    ordered: tuple[float, ...]

    @classmethod
    def of(cls, samples: Iterable[float]) -> "Histogram":
        """Sort ``samples``."""
        return cls(tuple(sorted(samples)))

    def percentile(self, percent: float) -> float | None:
        """Nearest-rank percentile: a sample that occurred; ``None`` without samples."""
        if not self.ordered:
            return None
        return self.ordered[max(math.ceil(percent / 100 * len(self.ordered)), 1) - 1]

    @property
    def largest(self) -> float | None:
        """The largest sample; ``None`` without samples."""
        return self.ordered[-1] if self.ordered else None

    def figures(self, *percents: int) -> dict[str, float | None]:
        """``{"p50": …, "max": …}`` with the wanted percentiles, to a thousandth."""
        named = {f"p{percent}": self.percentile(percent) for percent in percents}
        named["max"] = self.largest
        return {name: None if v is None else round(v, 3) for name, v in named.items()}
