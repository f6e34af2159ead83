"""The life of a webhook in the inbox, as a table.

``received → applying → applied | ignored_stale | ignored | failed → dead``; a failed row is
claimed again when its time has come, a dead one is received again when an operator replays it,
and so is every finished one when they ask for that.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clerk_sync.errors import IllegalTransitionError

__all__ = ["CLAIMABLE", "OPEN_STATES", "TRANSITIONS", "Event", "State", "next_state"]


class State(StrEnum):
    """Where a webhook stands."""

    RECEIVED = "received"
    """Committed and acknowledged; nobody has worked on it."""
    APPLYING = "applying"
    """A worker has claimed it and holds a lease."""
    APPLIED = "applied"
    """Its change and its side effects are committed."""
    IGNORED_STALE = "ignored_stale"
    """Something newer about the same record was already applied."""
    IGNORED = "ignored"
    """Its event type means nothing to this service."""
    FAILED = "failed"
    """The last attempt failed; another one is due later."""
    DEAD = "dead"
    """Given up, the error kept; only a replay brings it back."""


class Event(StrEnum):
    """What can happen to a webhook."""

    CLAIM = "claim"
    APPLY = "apply"
    FIND_STALE = "find_stale"
    FIND_UNKNOWN = "find_unknown"
    FAIL = "fail"
    LOSE_LEASE = "lose_lease"
    GIVE_UP = "give_up"
    REPLAY = "replay"
    REAPPLY = "reapply"
    """Like a replay, of one that came to its end: its guards and effects make that harmless."""


TRANSITIONS: Final = MappingProxyType(
    {
        (State.RECEIVED, Event.CLAIM): State.APPLYING,
        (State.FAILED, Event.CLAIM): State.APPLYING,
        (State.APPLYING, Event.APPLY): State.APPLIED,
        (State.APPLYING, Event.FIND_STALE): State.IGNORED_STALE,
        (State.APPLYING, Event.FIND_UNKNOWN): State.IGNORED,
        (State.APPLYING, Event.FAIL): State.FAILED,
        (State.APPLYING, Event.LOSE_LEASE): State.FAILED,
        (State.FAILED, Event.GIVE_UP): State.DEAD,
        (State.DEAD, Event.REPLAY): State.RECEIVED,
        (State.DEAD, Event.REAPPLY): State.RECEIVED,
        (State.APPLIED, Event.REAPPLY): State.RECEIVED,
        (State.IGNORED, Event.REAPPLY): State.RECEIVED,
        (State.IGNORED_STALE, Event.REAPPLY): State.RECEIVED,
    }
)
"""Every legal cell; whatever is missing is illegal."""

CLAIMABLE: Final = frozenset(state for state, event in TRANSITIONS if event is Event.CLAIM)
"""States that a worker may claim once they are due."""

OPEN_STATES: Final = CLAIMABLE | {State.APPLYING}
"""States in which work is left; the sweeper looks at nothing else."""


def next_state(state: State, event: Event) -> State:
    """Return the state that follows.

    Raises:
        IllegalTransitionError: The table has no such cell.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(state=state.value, event=event.value) from None
