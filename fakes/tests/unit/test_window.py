from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.limits.window import SlidingWindow


def test_so_many_are_let_in_and_the_next_is_told_when_to_come_back() -> None:
    window = SlidingWindow(2, 10_000)

    assert [window.enter(0), window.enter(4_000), window.enter(5_000)] == [0, 0, 5_000]
    assert window.enter(9_999) == 1
    assert window.enter(10_000) == 0
    assert window.enter(10_001) == 3_999


def test_a_limit_of_nought_lets_nobody_in() -> None:
    assert SlidingWindow(0, 10_000).enter(1) == 10_000


def test_a_clock_that_was_turned_back_starts_anew() -> None:
    window = SlidingWindow(1, 10_000)
    window.enter(50_000)

    assert window.enter(1_000) == 0
    assert window.enter(1_001) == 9_999


@given(
    limit=st.integers(1, 5),
    steps=st.lists(st.integers(0, 4), max_size=60),
)
def test_no_stretch_of_its_length_ever_holds_more(limit: int, steps: list[int]) -> None:
    window = SlidingWindow(limit, 10)
    now, admitted = 0, []
    for step in steps:
        now += step
        wait = window.enter(now)
        if wait == 0:
            admitted.append(now)
        else:
            assert 0 < wait <= 10
            assert len([time for time in admitted if time > now + wait - 10]) < limit
    for start in admitted:
        assert len([time for time in admitted if start <= time < start + 10]) <= limit
