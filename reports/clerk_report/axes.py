"""The axes of the timeline: scales, and ticks at round figures."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from clerk_report.timeline import Bucket
from clerk_report.units import moment

__all__ = ["Tick", "decades", "linear_ticks", "percent", "scale", "time_ticks"]

MOST_TICKS = 7
TICK_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis: percent on the time axis, pixels on the others."""

    at: float
    label: str


def percent(seconds: float, span: float) -> float:
    """Where a moment lies on a time axis of ``span`` seconds, clamped to it."""
    return round(min(max(seconds / span, 0.0), 1.0) * 100, 3)


def scale(low: float, high: float, from_px: float, to_px: float) -> Callable[[float], float]:
    """A function from values in ``[low, high]`` to pixels; what is outside is clamped."""

    def place(value: float) -> float:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return round(from_px + share * (to_px - from_px), 2)

    return place


def linear_ticks(highest: float) -> Sequence[float]:
    """Round steps from nought to at least ``highest``, four at most."""
    wanted = max(highest, 1.0) / 4
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    step = next(f * magnitude for f in (1, 2, 2.5, 5, 10) if f * magnitude >= wanted * 0.999)
    step = max(step, 1.0) if highest > 1 else 1.0
    return [i * step for i in range(math.ceil(max(highest, 1.0) / step - 1e-9) + 1)]


def decades(buckets: Iterable[Bucket]) -> tuple[int, int]:
    """Powers of ten (in ms) around every latency; 1 ms to 1 s when there is none."""
    seen = [ms for b in buckets for ms in (b.p50_ms, b.p95_ms) if ms is not None and ms > 0]
    if not seen:
        return 0, 3
    low = max(math.ceil(math.log10(min(seen))) - 1, -1)
    return low, max(math.ceil(math.log10(max(seen))), low + 1)


def time_ticks(span: float) -> tuple[Tick, ...]:
    """Labelled moments at a round step, about seven at most."""
    step = next((s for s in TICK_STEPS_S if span / s <= MOST_TICKS), math.ceil(span / MOST_TICKS))
    count = math.floor(span / step)
    return tuple(Tick(percent(i * step, span), moment(i * step)) for i in range(count + 1))
