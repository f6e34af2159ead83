import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_report import Delivery, FaultWindow, Timeline
from clerk_report.timeline import Figures, bucket_width_s, percentile

deliveries = st.builds(
    Delivery,
    at_s=st.floats(-1, 20_000),
    latency_ms=st.floats(0, 60_000),
    outcome=st.sampled_from(["ok", "refused", "lost"]),
    source=st.sampled_from(["load", "dispatcher"]),
)


@settings(deadline=None)
@given(st.lists(deliveries, max_size=50).map(tuple))
def test_every_delivery_is_in_exactly_one_bucket(given_deliveries: tuple[Delivery, ...]) -> None:
    timeline = Timeline(given_deliveries)
    buckets = timeline.buckets(timeline.span_s())
    assert sum(bucket.total for bucket in buckets) == len(given_deliveries)
    assert 1 <= len(buckets) <= 241


@given(st.lists(st.integers(1, 1000), min_size=1).map(sorted), st.integers(1, 100))
def test_percentiles_are_values_that_occurred(ordered: list[int], percent: int) -> None:
    value = percentile(ordered, percent)
    assert value in ordered
    share_up_to = sum(item <= value for item in ordered) / len(ordered)
    assert share_up_to >= percent / 100 - 1e-9


def test_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 95) is None


def test_the_ninety_fifth_of_twenty_is_the_nineteenth() -> None:
    assert percentile(list(range(1, 21)), 95) == 19


def test_latency_counts_answers_only() -> None:
    figures = Figures.of(
        [
            Delivery(0, 10, "ok", "load"),
            Delivery(0, 30, "refused", "load"),
            Delivery(0, 15_000, "lost", "load"),
            Delivery(0, math.nan, "ok", "load"),
        ]
    )
    assert (figures.deliveries, figures.ok, figures.refused, figures.lost) == (4, 2, 1, 1)
    assert figures.max_ms == 30


def test_a_minute_is_shown_per_second() -> None:
    assert bucket_width_s(60) == 1


@pytest.mark.parametrize("span", [1, 241, 5000, 86_400, 10_000_000])
def test_any_span_fits_in_240_buckets(span: float) -> None:
    assert span / bucket_width_s(span) <= 240


def test_a_fault_that_ends_after_the_run_is_on_the_axis() -> None:
    assert Timeline(faults=(FaultWindow("down", 5, 90),)).span_s(60) == 90


def test_a_moment_that_is_no_number_is_kept_at_the_start() -> None:
    timeline = Timeline((Delivery(math.nan, 1, "ok", "load"), Delivery(-5, 1, "ok", "load")))
    assert timeline.buckets(timeline.span_s())[0].ok == 2
