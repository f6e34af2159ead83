import pytest

from clerk_report.units import duration, milliseconds, moment


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "\N{EN DASH}"),
        (float("nan"), "\N{EN DASH}"),
        (0.42, "0.42 ms"),
        (4.2, "4.2 ms"),
        (180.4, "180 ms"),
    ],
)
def test_short_latencies_are_milliseconds(value: float | None, shown: str) -> None:
    assert milliseconds(value) == shown


def test_long_latencies_are_seconds() -> None:
    assert milliseconds(1507) == "1.51 s"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (42.5, "42.5 s"), (90, "1:30"), (3723, "1:02:03")]
)
def test_moments_read_like_a_clock(seconds: float, shown: str) -> None:
    assert moment(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.085, "85 ms"), (4.21, "4.21 s"), (77.4, "1 min 17 s"), (3725, "1 h 2 min")],
)
def test_durations_read_like_speech(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
