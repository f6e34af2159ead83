"""The circuit breaker: every cell of its table, one probe at a time, and late answers."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_sync.breaker import TRANSITIONS, Breaker, BreakerEvent, BreakerState
from clerk_sync.errors import BreakerOpenError

RESET_S = 5.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A breaker, and what happens to it."""

    def __init__(self, failures: int = 2) -> None:
        self.clock = Clock()
        self.breaker = Breaker(failures=failures, reset_s=RESET_S, clock=self.clock)
        self.seen: list[BreakerState] = []
        self.breaker.on_change = self.seen.append

    def answer(self, failed: str = "", *, hold_s: float = 0.0) -> None:
        with self.breaker.call() as call:
            call.failed, call.hold_s = failed, hold_s

    def refused(self) -> float:
        with pytest.raises(BreakerOpenError) as refusal, self.breaker.call():
            pytest.fail("the call was let through")
        return refusal.value.retry_after_s

    def bring_to(self, state: BreakerState) -> None:
        if state is not BreakerState.CLOSED:
            self.answer("down")
            self.answer("down")
        if state is BreakerState.HALF_OPEN:
            self.clock.now += RESET_S
            with pytest.raises(RuntimeError), self.breaker.call():
                raise RuntimeError  # a probe that is cancelled proves nothing
        assert self.breaker.state is state

    def let_happen(self, event: BreakerEvent) -> None:
        match event:
            case BreakerEvent.SUCCESS:
                self.answer()
            case BreakerEvent.FAILURE:
                self.answer("down")
            case BreakerEvent.LAST_FAILURE:
                self.answer("down")
                self.answer("down")
            case BreakerEvent.HOLD:
                self.answer("429", hold_s=9)
            case BreakerEvent.PAUSE_OVER:
                self.clock.now += RESET_S
                with pytest.raises(RuntimeError), self.breaker.call():
                    raise RuntimeError


@pytest.mark.parametrize(
    ("state", "event"), TRANSITIONS, ids=lambda value: value.value if value else ""
)
def test_every_cell_of_the_table_is_walked(state: BreakerState, event: BreakerEvent) -> None:
    bench = Bench()
    bench.bring_to(state)
    bench.let_happen(event)
    assert bench.breaker.state is TRANSITIONS[state, event]


def test_cells_that_are_missing_cannot_be_reached() -> None:
    # An open breaker lets nothing through that could have an outcome; only a failure too many
    # opens a closed one; a half-open one has no count.
    missing = set(product(BreakerState, BreakerEvent)) - set(TRANSITIONS)
    assert missing == {
        (BreakerState.CLOSED, BreakerEvent.PAUSE_OVER),
        (BreakerState.HALF_OPEN, BreakerEvent.LAST_FAILURE),
        (BreakerState.HALF_OPEN, BreakerEvent.PAUSE_OVER),
        (BreakerState.OPEN, BreakerEvent.SUCCESS),
        (BreakerState.OPEN, BreakerEvent.FAILURE),
        (BreakerState.OPEN, BreakerEvent.LAST_FAILURE),
        (BreakerState.OPEN, BreakerEvent.HOLD),
    }


def test_failures_count_only_in_a_row() -> None:
    bench = Bench(failures=3)
    for failed in ("down", "down", "", "down", "down"):
        bench.answer(failed)
    assert bench.breaker.state is BreakerState.CLOSED
    bench.answer("down")
    assert bench.breaker.state is BreakerState.OPEN
    assert bench.breaker.cause == "down"


def test_half_open_admits_one_probe_and_refuses_the_others() -> None:
    bench = Bench()
    bench.bring_to(BreakerState.OPEN)
    assert bench.refused() == RESET_S
    bench.clock.now += RESET_S
    with bench.breaker.call():
        assert bench.breaker.state is BreakerState.HALF_OPEN
        for _ in range(50):
            bench.refused()
    assert bench.breaker.state is BreakerState.CLOSED
    assert bench.breaker.cause == ""


def test_a_probe_that_was_cancelled_makes_room_for_another() -> None:
    bench = Bench()
    bench.bring_to(BreakerState.HALF_OPEN)
    bench.answer()
    assert bench.breaker.state is BreakerState.CLOSED


def test_an_answer_that_was_under_way_before_it_opened_closes_nothing() -> None:
    bench = Bench()
    with bench.breaker.call():  # succeeds, late
        bench.bring_to(BreakerState.OPEN)
    assert bench.breaker.state is BreakerState.OPEN
    bench.clock.now += RESET_S
    with bench.breaker.call() as probe:
        probe.failed = "down"
    assert bench.breaker.state is BreakerState.OPEN


def test_a_pause_that_was_asked_for_is_kept_to_its_end() -> None:
    bench = Bench()
    bench.answer("429", hold_s=30)
    bench.clock.now += 29
    assert bench.refused() == 1
    bench.clock.now += 1
    bench.answer()
    assert bench.seen == [BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED]


@given(st.lists(st.sampled_from(["ok", "fail", "hold", "wait"]), max_size=60))
def test_while_it_is_open_nothing_gets_through_and_it_always_comes_back(what: list[str]) -> None:
    bench = Bench(failures=3)
    open_until = 0.0
    in_a_row = 0
    for one in what:
        if one == "wait":
            bench.clock.now += RESET_S
            continue
        if bench.clock.now < open_until:
            bench.refused()
            continue
        probing = bench.breaker.state is not BreakerState.CLOSED
        if one == "ok":
            bench.answer()
            in_a_row = 0
        elif one == "hold":
            bench.answer("429", hold_s=7)
            in_a_row, open_until = 0, bench.clock.now + 7
        else:
            bench.answer("down")
            in_a_row += 1
            if probing or in_a_row == 3:
                in_a_row, open_until = 0, bench.clock.now + RESET_S
    bench.clock.now += 10
    bench.answer()
    assert bench.breaker.state is BreakerState.CLOSED
