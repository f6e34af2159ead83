"""A circuit breaker: who does not answer is left alone for a while, then asked once.

``closed`` lets every call through and counts failures in a row; ``open`` refuses at once;
``half_open`` lets one call through, whose outcome decides.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clerk_sync.errors import BreakerOpenError, IllegalTransitionError

__all__ = ["TRANSITIONS", "Breaker", "BreakerEvent", "BreakerState", "Call"]


class BreakerState(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class BreakerEvent(StrEnum):
    """What can happen to a breaker."""

    SUCCESS = "success"
    FAILURE = "failure"
    LAST_FAILURE = "last_failure"
    """One failure in a row too many."""
    HOLD = "hold"
    """The other side asked for a pause."""
    PAUSE_OVER = "pause_over"
    """Somebody wants to call, and the pause is over."""


_CLOSED, _HALF, _OPEN = BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN
TRANSITIONS: Final = MappingProxyType(
    {
        (_CLOSED, BreakerEvent.SUCCESS): _CLOSED,
        (_CLOSED, BreakerEvent.FAILURE): _CLOSED,
        (_CLOSED, BreakerEvent.LAST_FAILURE): _OPEN,
        (_CLOSED, BreakerEvent.HOLD): _OPEN,
        (_OPEN, BreakerEvent.PAUSE_OVER): _HALF,
        (_HALF, BreakerEvent.SUCCESS): _CLOSED,
        (_HALF, BreakerEvent.FAILURE): _OPEN,
        (_HALF, BreakerEvent.HOLD): _OPEN,
    }
)
"""Every legal cell; whatever is missing is illegal."""


@dataclass(slots=True)
class Call:
    """A call that was let through; whoever makes it says what came of it.

    Attributes:
        epoch: How often the breaker had changed when the call began.
        failed: Why it failed; empty when it did not.
        hold_s: For how many seconds the other side wants to be left alone; 0 when it did not say.
    """

    epoch: int
    failed: str = ""
    hold_s: float = 0.0


class Breaker:
    """Guards the calls of one process to one other side; for one event loop.

    Args:
        failures: So many in a row open it.
        reset_s: So many seconds later one call is let through.
        clock: Monotonic seconds.

    Attributes:
        on_change: Told of every new state.
    """

    def __init__(
        self, *, failures: int, reset_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures = failures
        self._reset_s = reset_s
        self._clock = clock
        self._state = BreakerState.CLOSED
        self._epoch = 0
        self._in_a_row = 0
        self._opens_until = 0.0
        self._probing = False
        self._cause = ""
        self.on_change: Callable[[BreakerState], None] = lambda _: None

    @property
    def state(self) -> BreakerState:
        """Return the state; an open breaker stays open until somebody wants to call."""
        return self._state

    @property
    def cause(self) -> str:
        """Return why it is not closed; empty when it is."""
        return self._cause

    @contextmanager
    def call(self) -> Iterator[Call]:
        """Let one call through; an exception that escapes the block says nothing of the other side.

        Raises:
            BreakerOpenError: The other side is to be left alone now.
        """
        self._admit()
        call = Call(self._epoch)
        judged = False
        try:
            yield call
            judged = True
        finally:
            # What began before the last change says nothing of how things are now.
            if call.epoch == self._epoch:
                self._probing = False
                if judged:
                    self._judge(call)

    def _admit(self) -> None:
        left = self._opens_until - self._clock()
        if self._state is BreakerState.OPEN and left <= 0:
            self._move(BreakerEvent.PAUSE_OVER)
        if self._state is BreakerState.OPEN or self._probing:
            raise BreakerOpenError(self._cause, retry_after_s=max(left, 0.0))
        self._probing = self._state is BreakerState.HALF_OPEN

    def _judge(self, call: Call) -> None:
        if call.hold_s > 0:
            self._open(BreakerEvent.HOLD, call.hold_s, call.failed)
        elif not call.failed:
            self._in_a_row = 0
            self._move(BreakerEvent.SUCCESS)
        elif self._state is BreakerState.HALF_OPEN:
            self._open(BreakerEvent.FAILURE, self._reset_s, call.failed)
        else:
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._open(BreakerEvent.LAST_FAILURE, self._reset_s, call.failed)

    def _open(self, event: BreakerEvent, pause_s: float, cause: str) -> None:
        self._opens_until = self._clock() + pause_s
        self._cause = cause
        self._move(event)

    def _move(self, event: BreakerEvent) -> None:
        try:
            following = TRANSITIONS[self._state, event]
        except KeyError:
            raise IllegalTransitionError(state=self._state.value, event=event.value) from None
        if following is self._state:
            return
        self._state = following
        self._epoch += 1
        self._in_a_row = 0
        if following is BreakerState.CLOSED:
            self._cause = ""
        self.on_change(following)
