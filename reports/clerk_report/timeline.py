"""What happened when: deliveries and fault windows, folded into figures a page can hold.

Times are seconds since the start of the run, latencies are milliseconds.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Bucket",
    "Delivery",
    "FaultWindow",
    "Figures",
    "Outcome",
    "Source",
    "Timeline",
    "percentile",
]

Outcome = Literal["ok", "refused", "lost"]
Source = Literal["dispatcher", "load"]

MOST_BUCKETS = 240
# Widths that a reader can divide in the head; the first is what most runs get.
BUCKET_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class FaultWindow:
    """A fault was in force from ``start_s`` to ``end_s``.

    Attributes:
        matched: How much it could have struck, of faults that are counted.
        fired: How often it took effect, of the same.
    """

    name: str
    start_s: float
    end_s: float
    matched: int | None = None
    fired: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one webhook.

    Attributes:
        at_s: When it was due.
        latency_ms: How long the answer took; of no meaning when ``lost``.
        outcome: ``ok`` is a 2xx, ``refused`` any other answer, ``lost`` no answer at all.
        source: Who sent it.
    """

    at_s: float
    latency_ms: float
    outcome: Outcome
    source: Source


@dataclass(frozen=True, slots=True)
class Bucket:
    """Everything that was due in ``[start_s, start_s + width_s)``."""

    start_s: float
    width_s: float
    ok: int = 0
    refused: int = 0
    lost: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None

    @property
    def total(self) -> int:
        """Deliveries that were due in this bucket."""
        return self.ok + self.refused + self.lost

    def per_second(self, count: int) -> float:
        """One of this bucket's counts as a rate, in deliveries per second."""
        return count / self.width_s


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of some deliveries; percentiles are over the answered ones, ``None`` without any."""

    deliveries: int
    ok: int
    refused: int
    lost: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None

    @classmethod
    def of(cls, deliveries: Iterable[Delivery]) -> "Figures":
        """Count ``deliveries`` and take exact percentiles of their latencies."""
        counts: dict[Outcome, int] = {"ok": 0, "refused": 0, "lost": 0}
        latencies: list[float] = []
        for delivery in deliveries:
            counts[delivery.outcome] += 1
            if delivery.outcome != "lost" and math.isfinite(delivery.latency_ms):
                latencies.append(delivery.latency_ms)
        latencies.sort()
        return cls(
            deliveries=sum(counts.values()),
            ok=counts["ok"],
            refused=counts["refused"],
            lost=counts["lost"],
            p50_ms=percentile(latencies, 50),
            p95_ms=percentile(latencies, 95),
            p99_ms=percentile(latencies, 99),
            max_ms=latencies[-1] if latencies else None,
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """All deliveries and fault windows of a run."""

    deliveries: tuple[Delivery, ...] = ()
    faults: tuple[FaultWindow, ...] = ()

    def span_s(self, at_least: float = 1.0) -> float:
        """Length of the shared time axis in seconds: every finite moment fits in it."""
        moments = [at_least, 1.0]
        moments += [d.at_s for d in self.deliveries]
        moments += [f.end_s for f in self.faults]
        return max(moment for moment in moments if math.isfinite(moment))

    def buckets(self, span_s: float) -> tuple[Bucket, ...]:
        """Fold the deliveries into at most about 240 buckets of whole seconds, in time order."""
        width = bucket_width_s(span_s)
        groups: list[list[Delivery]] = [[] for _ in range(math.floor(span_s / width) + 1)]
        for delivery in self.deliveries:
            moment = delivery.at_s if math.isfinite(delivery.at_s) else 0.0
            index = min(max(math.floor(moment / width), 0), len(groups) - 1)
            groups[index].append(delivery)
        if len(groups) > 1 and not groups[-1] and span_s % width == 0:
            groups.pop()
        return tuple(_bucket(i * width, width, group) for i, group in enumerate(groups))


def bucket_width_s(span_s: float) -> float:
    """Narrowest readable bucket with which ``span_s`` needs at most 240 of them."""
    for width in BUCKET_WIDTHS_S:
        if span_s / width <= MOST_BUCKETS:
            return float(width)
    return float(math.ceil(span_s / MOST_BUCKETS / 3600) * 3600)


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Exact nearest-rank percentile of an ascending sequence; ``None`` when it is empty."""
    if not ordered:
        return None
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


def _bucket(start_s: float, width_s: float, group: Sequence[Delivery]) -> Bucket:
    figures = Figures.of(group)
    return Bucket(
        start_s=start_s,
        width_s=width_s,
        ok=figures.ok,
        refused=figures.refused,
        lost=figures.lost,
        p50_ms=figures.p50_ms,
        p95_ms=figures.p95_ms,
    )
