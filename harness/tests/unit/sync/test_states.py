"""Every cell of the state table, legal or not."""

import pytest

from clerk_sync.errors import IllegalTransitionError
from clerk_sync.states import CLAIMABLE, OPEN_STATES, TRANSITIONS, Event, State, next_state

LEGAL = {
    "received": {"claim": "applying"},
    "applying": {
        "apply": "applied",
        "find_stale": "ignored_stale",
        "find_unknown": "ignored",
        "fail": "failed",
        "lose_lease": "failed",
    },
    "applied": {"reapply": "received"},
    "ignored_stale": {"reapply": "received"},
    "ignored": {"reapply": "received"},
    "failed": {"claim": "applying", "give_up": "dead"},
    "dead": {"replay": "received", "reapply": "received"},
}


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", list(State))
def test_every_cell_is_as_documented(state: State, event: Event) -> None:
    expected = LEGAL[state.value].get(event.value)
    if expected is not None:
        assert next_state(state, event) == expected
        return
    with pytest.raises(IllegalTransitionError) as refused:
        next_state(state, event)
    assert (refused.value.state, refused.value.event) == (state.value, event.value)


def test_every_state_can_be_reached_from_received() -> None:
    reached = {State.RECEIVED}
    while (
        more := {after for (before, _), after in TRANSITIONS.items() if before in reached} - reached
    ):
        reached |= more
    assert reached == set(State)


def test_workers_claim_and_the_sweeper_sees_only_unfinished_work() -> None:
    assert {"received", "failed"} == CLAIMABLE
    assert {"received", "failed", "applying"} == OPEN_STATES
