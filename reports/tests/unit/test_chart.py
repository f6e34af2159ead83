from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_report import Delivery, FaultWindow, Timeline
from clerk_report.chart import draw

timelines = st.builds(
    Timeline,
    deliveries=st.lists(
        st.builds(
            Delivery,
            at_s=st.floats(0, 5_000),
            latency_ms=st.floats(0, 60_000),
            outcome=st.sampled_from(["ok", "refused", "lost"]),
            source=st.just("load"),
        ),
        max_size=40,
    ).map(tuple),
    faults=st.lists(
        st.builds(
            FaultWindow, name=st.text(max_size=40), start_s=st.floats(0, 90), end_s=st.floats(0, 99)
        ),
        max_size=12,
    ).map(tuple),
)


@settings(deadline=None)
@given(timelines, st.floats(0, 10_000))
def test_everything_is_drawn_inside_the_chart(timeline: Timeline, duration_s: float) -> None:
    chart = draw(timeline, duration_s)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 100.5
        assert chart.throughput.top - 1 <= bar.y <= chart.throughput.bottom
    for band in chart.bands:
        assert 0 <= band.x <= 100
        assert 0 <= band.label_x <= 100
        assert band.lane_y < chart.throughput.top
    assert {band.name for band in chart.bands} == {fault.name for fault in timeline.faults}


def test_the_bars_of_a_bucket_stand_on_each_other() -> None:
    timeline = Timeline(
        (
            *(Delivery(0.5, 1, "ok", "load") for _ in range(50)),
            *(Delivery(0.5, 1, "refused", "load") for _ in range(30)),
            *(Delivery(0.5, 1, "lost", "load") for _ in range(20)),
        )
    )
    chart = draw(timeline, 10)
    assert [bar.kind for bar in chart.bars] == ["ok", "refused", "lost"]
    assert all(upper.y + upper.height == lower.y for lower, upper in pairwise(chart.bars))
    assert chart.bars[0].height > chart.bars[1].height > chart.bars[2].height


def test_one_lost_delivery_among_thousands_can_be_seen() -> None:
    many = tuple(Delivery(0.5, 1, "ok", "load") for _ in range(5_000))
    chart = draw(Timeline((*many, Delivery(0.5, 1, "lost", "load"))), 10)
    assert next(bar for bar in chart.bars if bar.kind == "lost").height >= 1.5


def test_a_longer_latency_is_drawn_higher() -> None:
    chart = draw(Timeline((Delivery(0.5, 10, "ok", "load"), Delivery(5.5, 999, "ok", "load"))), 10)
    short, long = chart.lines[0].lonely
    assert chart.latency.top < long.y < short.y < chart.latency.bottom


def test_seconds_without_an_answer_leave_a_gap_in_the_line() -> None:
    answered = [Delivery(t + 0.5, 10, "ok", "load") for t in (0, 1, 2, 6, 7)]
    silent = [Delivery(t + 0.5, 15_000, "lost", "load") for t in (3, 4, 5)]
    p50, _ = draw(Timeline((*answered, *silent)), 10).lines
    assert p50.path.count("M") == 2


def test_names_of_faults_that_come_close_get_lanes_of_their_own() -> None:
    chart = draw(
        Timeline(faults=(FaultWindow("Postgres killed", 30, 31), FaultWindow("Redis", 32, 33))), 60
    )
    first, second = chart.bands
    assert first.lane_y != second.lane_y


def test_faults_of_the_whole_run_are_named_and_do_not_shade_the_others() -> None:
    counted = FaultWindow("duplicate", 0, 60, matched=9, fired=7)
    chart = draw(Timeline(faults=(counted, FaultWindow("Redis down", 32, 33))), 60)
    whole, short = chart.bands
    assert (whole.shaded, short.shaded) == (False, True)
    assert whole.title.endswith(", fired 7 times")
    assert "fired" not in short.title


def test_the_time_axis_is_labelled_at_round_moments() -> None:
    assert [tick.label for tick in draw(Timeline(), 60).time_ticks] == [
        "0 s",
        "10 s",
        "20 s",
        "30 s",
        "40 s",
        "50 s",
        "1:00",
    ]


def test_a_second_in_which_all_was_lost_says_so_when_pointed_at() -> None:
    chart = draw(Timeline((Delivery(3.5, 15_000, "lost", "load"),)), 10)
    assert [hover.title for hover in chart.hovers] == ["3 s to 4 s: 0 ok, 0 refused, 1 lost"]
