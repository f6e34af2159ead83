from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.clock import Clock
from clerk_fake.faults.api.replica import Replica
from clerk_fake.state import Noun, State


@dataclass(frozen=True)
class Thing:
    id: str
    created_at: int
    label: str = ""


THINGS = Noun("things", Thing, {"label": lambda thing: [thing.label]})


def _still() -> Clock:
    clock = Clock(lambda: 1_000_000)
    clock.turn(frozen=True)
    return clock


def _known(state: State) -> list[Thing]:
    return list(state.of(THINGS).oldest_first())


@pytest.fixture
def clock() -> Clock:
    return _still()


def test_it_begins_with_what_is_known_and_lags_behind_from_then_on(clock: Clock) -> None:
    state = State()
    old, new = Thing("a", 1, "old"), Thing("a", 1, "new")
    state.of(THINGS).put(old)
    replica = Replica(state, clock, 5_000)
    state.of(THINGS).put(new)
    clock.advance(3_000)
    state.of(THINGS).put(Thing("b", 2))

    assert _known(replica.state()) == [old]
    clock.advance(2_000)
    assert _known(replica.state()) == [new]
    assert replica.state().of(THINGS).find("label", "new") == [new]
    assert replica.state().of(THINGS).find("label", "old") == []
    clock.advance(3_000)
    assert _known(replica.state()) == [new, Thing("b", 2)]


def test_what_came_and_went_meanwhile_comes_and_goes(clock: Clock) -> None:
    state = State()
    replica = Replica(state, clock, 5_000)
    state.of(THINGS).put(Thing("a", 1))
    clock.advance(1_000)
    state.clear()

    assert _known(replica.state()) == []
    clock.advance(4_000)
    assert _known(replica.state()) == [Thing("a", 1)]
    clock.advance(1_000)
    assert _known(replica.state()) == []


def test_a_closed_one_hears_of_nothing_and_others_go_on(clock: Clock) -> None:
    state = State()
    first, second = Replica(state, clock, 0), Replica(state, clock, 0)
    one, other = Thing("a", 1), Thing("b", 2)
    state.of(THINGS).put(one)
    first.close()
    state.of(THINGS).put(other)
    state.of(THINGS).remove(one)

    assert _known(first.state()) == [one]
    assert _known(second.state()) == [other]
    second.close()
    assert state.of(THINGS).changes is None


def test_several_follow_the_same_source(clock: Clock) -> None:
    state = State()
    replicas = [Replica(state, clock, 0) for _ in range(3)]
    one, other = Thing("a", 1), Thing("b", 2)

    state.of(THINGS).put(one)
    state.of(THINGS).put(other)
    assert [_known(each.state()) for each in replicas] == [[one, other]] * 3
    state.of(THINGS).remove(one)
    assert [_known(each.state()) for each in replicas] == [[other]] * 3
    state.clear()
    assert [_known(each.state()) for each in replicas] == [[]] * 3


CHANGES = st.tuples(
    st.sampled_from(["put", "put", "remove", "clear"]),
    st.sampled_from("abc"),
    st.integers(1, 3),
    st.integers(0, 4),
)


@given(lag=st.integers(0, 6), changes=st.lists(CHANGES, max_size=30))
def test_it_is_at_every_time_what_the_source_was_before(
    lag: int, changes: list[tuple[str, str, int, int]]
) -> None:
    clock, state = _still(), State()
    replica = Replica(state, clock, lag)
    was: dict[int, list[Thing]] = {0: []}
    now = 0
    for what, name, created_at, then in changes:
        table = state.of(THINGS)
        known = table.get(name)
        if what == "clear":
            state.clear()
        elif what == "put":
            table.put(Thing(name, created_at, f"{now}"))
        elif known is not None:
            table.remove(known)
        was[now] = _known(state)
        for _ in range(then):
            clock.advance(1)
            now += 1
            was[now] = _known(state)
        assert sorted(_known(replica.state()), key=lambda thing: thing.id) == sorted(
            was[max(now - lag, 0)] if now >= lag else [], key=lambda thing: thing.id
        )
