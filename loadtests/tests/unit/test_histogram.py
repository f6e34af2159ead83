from hypothesis import given
from hypothesis import strategies as st

from clerk_load.histogram import Histogram

samples = st.lists(st.floats(0, 1e6), min_size=1)


@given(samples, st.integers(1, 100))
def test_a_percentile_is_a_sample_that_enough_others_do_not_exceed(
    given_samples: list[float], percent: int
) -> None:
    value = Histogram.of(given_samples).percentile(percent)
    assert value in given_samples
    assert sum(sample <= value for sample in given_samples) >= percent / 100 * len(given_samples)
    below = sum(sample < value for sample in given_samples)
    assert below < percent / 100 * len(given_samples) + 1e-9


def test_nothing_has_no_percentile() -> None:
    assert Histogram.of([]).figures(50, 99) == {"p50": None, "p99": None, "max": None}


def test_figures_are_exact() -> None:
    assert Histogram.of(range(1, 1001)).figures(50, 95, 99) == {
        "p50": 500,
        "p95": 950,
        "p99": 990,
        "max": 1000,
    }
