"""The queue before one endpoint: what is due goes out, a few at a time, first come first served."""

import asyncio
from collections import deque
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, Protocol, TypeAlias

from clerk_fake.clock import Clock
from clerk_fake.webhooks.waiting_line import Turn, WaitingLine

__all__ = ["Lane", "Send", "Turn", "UnderWay"]

SECOND_MS: Final = 1000


class UnderWay(Protocol):
    """A message that is being sent."""

    def cancel(self) -> object:
        """Break it off."""


Send: TypeAlias = Callable[[Turn, Callable[[], None]], UnderWay | None]
"""Begins to deliver a message; ``None`` when there is nothing to deliver.

It must not raise. The second argument is called once when the delivery has ended, but never from
within this call, and not when it was broken off.
"""


class Lane:
    """Sends the messages of one endpoint when they are due on the instance's clock.

    Costs nothing while it is empty: no task, no timer. Endpoints do not slow each other, since
    each has a lane of its own.

    Args:
        clock: The instance's clock.
        send: Begins to deliver a message, see ``Send``.
        width: How many are sent at the same time.
        rate_limit: Returns how many may be started in any second of the clock; ``None`` for all.
    """

    def __init__(
        self,
        clock: Clock,
        send: Send,
        *,
        width: int,
        rate_limit: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._send = send
        self._width = width
        self._rate_limit = rate_limit
        self._started: deque[int] = deque()
        self._free_at = 0
        self._queue = WaitingLine()
        self._taken = 0
        self._going_on = False
        self._ending = False
        self._under_way: dict[int, UnderWay] = {}
        self._idle: asyncio.Future[None] | None = None
        self._parked = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def next_due(self) -> int | None:
        """When the first of the queue goes out, ms; ``None`` when nothing is queued."""
        due = self._queue.next_due
        return None if due is None else max(due, self._free_at)

    def add(self, turn: Turn, due_at: int) -> None:
        """Queue a message; it goes out at once when it is due."""
        self._queue.add(turn, due_at)
        self.wake()

    def wake(self) -> None:
        """Send what is due now, and look again when the next one is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ending or not self._has_room:
            return  # whoever ends will wake it
        now = self._clock.now_ms()
        limit = self._rate_limit()
        self._free_at = 0
        queue, under_way, width = self._queue, self._under_way, self._width + self._parked
        due = queue.next_due
        while due is not None and due <= now and len(under_way) < width:
            if limit is not None and not self._within(limit, now):
                break
            self._start(queue.pop())
            due = queue.next_due
        if due is not None and self._has_room and not self._clock.frozen:
            wait_s = max(due - now, self._free_at - now, 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.wake)

    def hasten(self, message_ids: Container[str]) -> None:
        """Send these messages now, whenever they are due."""
        self._queue.hasten(message_ids, self._clock.now_ms())
        self.wake()

    @contextmanager
    def parked(self) -> Iterator[None]:
        """Let another message have the place of one under way that waits for something else."""
        self._parked += 1
        self.wake()
        try:
            yield
        finally:
            self._parked -= 1

    def clear(self) -> None:
        """Forget the queue; what is under way goes on."""
        self._queue.clear()
        self.wake()

    def abort(self) -> None:
        """Forget the queue and break off what is under way."""
        self.clear()
        under_way = tuple(self._under_way.values())
        self._under_way.clear()
        for each in under_way:
            each.cancel()

    async def drain(self, grace_s: float) -> None:
        """Forget the queue, let what is under way end within ``grace_s``, then break it off.

        From now on nothing is sent any more, not even what is added because an attempt has failed.
        """
        self._ending = True
        self.clear()
        if self._under_way:
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._idle,), timeout=grace_s)
        self.abort()

    @property
    def _has_room(self) -> bool:
        return len(self._under_way) - self._parked < self._width

    def _within(self, limit: int, now: int) -> bool:
        """Count a start, unless that would be one too many in a second."""
        while self._started and self._started[0] <= now - SECOND_MS:
            self._started.popleft()
        while self._started and self._started[-1] > now:  # the clock was turned back
            self._started.pop()
        if len(self._started) >= limit:
            self._free_at = self._started[-limit] + SECOND_MS
            return False
        self._started.append(now)
        return True

    def _start(self, turn: Turn) -> None:
        self._taken = place = self._taken + 1
        under_way = self._send(turn, partial(self._ended, place))
        if under_way is not None:
            self._under_way[place] = under_way

    def _ended(self, place: int) -> None:
        if self._under_way.pop(place, None) is None:
            return  # it was broken off as it ended
        if not self._under_way and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        if not self._going_on:
            self._going_on = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        """Start as many as have ended since the loop's last round.

        One after the other, rather than each when one ends: a tenth faster, since the processor
        then has in its cache what that takes.
        """
        self._going_on = False
        self.wake()
