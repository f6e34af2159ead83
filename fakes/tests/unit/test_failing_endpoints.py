from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.webhooks.failures import FailingEndpoint, Failures

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _after(*failures: int) -> list[bool]:
    """Return whether each of these failures disables the endpoint."""
    books = Failures()
    return [books.note_failure("ep_1", at) for at in failures]


def test_the_fifth_day_after_the_first_failure_is_the_end() -> None:
    assert _after(0, 12 * HOUR, 5 * DAY - 1) == [False, False, False]
    assert _after(0, 12 * HOUR, 5 * DAY) == [False, False, True]


def test_the_clock_starts_with_failures_half_a_day_apart_within_a_day() -> None:
    assert _after(0, 12 * HOUR - 1, 5 * DAY)[-1] is False
    assert _after(0, DAY, 5 * DAY)[-1] is False  # the first is forgotten after a day
    assert _after(0, DAY - 1, 5 * DAY)[-1] is True


def test_a_success_starts_it_anew() -> None:
    books = Failures()
    books.note_failure("ep_1", 0)
    books.note_failure("ep_1", 12 * HOUR)
    assert books.since("ep_1") == 0
    books.forget("ep_1")
    assert books.since("ep_1") is None
    assert books.note_failure("ep_1", 6 * DAY) is False


def test_endpoints_do_not_share_their_failures() -> None:
    books = Failures()
    books.note_failure("ep_1", 0)
    books.note_failure("ep_1", 12 * HOUR)
    assert books.note_failure("ep_2", 6 * DAY) is False
    assert books.note_failure("ep_1", 6 * DAY) is True


@given(st.lists(st.integers(0, 3 * DAY), max_size=200))
def test_however_often_it_fails_little_is_remembered(failures: list[int]) -> None:
    endpoint = FailingEndpoint("ep_1")
    for at in failures:
        endpoint = endpoint.failed(at)
    assert len(endpoint.recent) <= 24 * 60 + 1
    assert (endpoint.since is None) or not endpoint.recent


@given(st.lists(st.integers(0, 30 * DAY), min_size=1, max_size=60).map(sorted))
def test_it_is_disabled_as_a_plain_reading_of_the_rule_says(failures: list[int]) -> None:
    started = None
    expected = False
    for index, at in enumerate(failures):
        within = [when for when in failures[: index + 1] if when > at - DAY]
        if started is None and at - within[0] >= 12 * HOUR + MINUTE:
            started = within[0]
        expected = started is not None and at - started >= 5 * DAY + 2 * MINUTE
        if expected:
            break
    if expected:  # one failure per minute is kept: right to the minute
        assert any(_after(*failures))
    elif not any(
        later - sooner >= 12 * HOUR - MINUTE and later - sooner < DAY + MINUTE
        for index, sooner in enumerate(failures)
        for later in failures[index:]
    ):
        assert not any(_after(*failures))
