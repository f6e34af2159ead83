"""Geometry of the one timeline: throughput above, latency below, fault windows behind both.

Horizontal places are percentages of the chart's width and vertical ones are pixels, so the same
SVG fits a wall screen and a phone without its texts growing or shrinking.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from clerk_report.axes import Tick, decades, linear_ticks, percent, scale, time_ticks
from clerk_report.bands import LANE_PX, Band, place_bands
from clerk_report.timeline import Bucket, Timeline
from clerk_report.units import milliseconds, moment

__all__ = ["Bar", "Chart", "Hover", "Line", "Panel", "Point", "draw"]

PANEL_PX = 132.0
GAP_PX = 46.0
HEAD_PX = 26.0
AXIS_PX = 44.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One coloured part of a bucket's column."""

    kind: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the plot: x in percent, y in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """One percentile over time: ``path`` in units of 1/10 percent and pixels, gaps left open."""

    kind: str
    path: str
    lonely: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot with its own vertical axis, between ``top`` and ``bottom`` pixels."""

    top: float
    bottom: float
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Hover:
    """A column of the whole chart and what it says when pointed at."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the SVG template draws."""

    height: float
    throughput: Panel
    latency: Panel
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    hovers: tuple[Hover, ...]
    time_ticks: tuple[Tick, ...]
    buckets: tuple[Bucket, ...]
    bucket_s: float


def draw(timeline: Timeline, duration_s: float) -> Chart:
    """Lay out ``timeline`` on an axis of at least ``duration_s`` seconds."""
    buckets = timeline.buckets(timeline.span_s(duration_s))
    bucket_s = buckets[0].width_s
    span = len(buckets) * bucket_s
    bands, lanes = place_bands(timeline.faults, span)
    top = HEAD_PX + lanes * LANE_PX
    throughput_top, throughput_bottom = top, top + PANEL_PX
    latency_top = throughput_bottom + GAP_PX
    latency_bottom = latency_top + PANEL_PX
    highest = max((b.per_second(b.total) for b in buckets), default=0.0)
    rate_ticks = linear_ticks(highest)
    rate = scale(0, float(rate_ticks[-1]), throughput_bottom, throughput_top)
    low, high = decades(buckets)
    slow = scale(low, high, latency_bottom, latency_top)
    return Chart(
        height=latency_bottom + AXIS_PX,
        throughput=Panel(
            throughput_top,
            throughput_bottom,
            tuple(Tick(rate(float(value)), f"{value:,g}/s") for value in rate_ticks[1:]),
        ),
        latency=Panel(
            latency_top,
            latency_bottom,
            tuple(Tick(slow(e), milliseconds(10.0**e)) for e in range(low, high + 1)),
        ),
        bars=tuple(_bars(buckets, span, rate)),
        lines=(
            _line("p50", [b.p50_ms for b in buckets], slow),
            _line("p95", [b.p95_ms for b in buckets], slow),
        ),
        bands=bands,
        hovers=tuple(
            Hover(percent(b.start_s, span), percent(b.width_s, span), _sentence(b))
            for b in buckets
            if b.total
        ),
        time_ticks=time_ticks(span),
        buckets=buckets,
        bucket_s=bucket_s,
    )


def _bars(buckets: Iterable[Bucket], span: float, rate: Callable[[float], float]) -> Iterable[Bar]:
    for bucket in buckets:
        below = 0.0
        for kind, count in (("ok", bucket.ok), ("refused", bucket.refused), ("lost", bucket.lost)):
            if not count:
                continue
            above = below + bucket.per_second(count)
            yield Bar(
                kind=kind,
                x=percent(bucket.start_s, span),
                width=percent(bucket.width_s * 0.92, span),
                y=rate(above),
                # A single lost delivery among thousands must still be seen.
                height=max(round(rate(below) - rate(above), 2), 1.5),
            )
            below = above


def _line(kind: str, values: Sequence[float | None], slow: Callable[[float], float]) -> Line:
    runs: list[list[Point]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x = (index + 0.5) / len(values) * 100
        runs[-1].append(Point(round(x, 3), slow(math.log10(max(value, 1e-3)))))
    path = " ".join(
        "M" + " ".join(f"{point.x * 10:.1f},{point.y:.1f}" for point in run)
        for run in runs
        if len(run) > 1
    )
    return Line(kind, path, tuple(run[0] for run in runs if len(run) == 1))


def _sentence(bucket: Bucket) -> str:
    latency = (
        f"; p50 {milliseconds(bucket.p50_ms)}, p95 {milliseconds(bucket.p95_ms)}"
        if bucket.p50_ms is not None and bucket.p95_ms is not None
        else ""
    )
    return (
        f"{moment(bucket.start_s)} to {moment(bucket.start_s + bucket.width_s)}:"
        f" {bucket.ok:,} ok, {bucket.refused:,} refused, {bucket.lost:,} lost{latency}"
    )
