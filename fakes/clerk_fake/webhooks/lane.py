"""The queue before one endpoint: what is due goes out, a few at a time, first come first served."""

import asyncio
from collections import deque
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Final, Protocol, TypeAlias

from clerk_fake.clock import Clock
from clerk_fake.frozen import quickly_frozen

__all__ = ["Lane", "Send", "Turn", "UnderWay"]

SECOND_MS: Final = 1000


@quickly_frozen
class Turn:
    """A message's turn to be sent.

    Attributes:
        message_id: What is sent.
        by_hand: Whether somebody asked for it, rather than the schedule.
    """

    message_id: str
    by_hand: bool = False


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
        # Turns are made when it is their turn: a queue may hold a million.
        self._queue: list[tuple[int, int, str, bool]] = []
        self._queued = 0
        self._by_hand = 0
        self._under_way: dict[int, UnderWay] = {}
        self._idle: asyncio.Future[None] | None = None
        self._parked = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def next_due(self) -> int | None:
        """When the first of the queue goes out, ms; ``None`` when nothing is queued."""
        return max(self._queue[0][0], self._free_at) if self._queue else None

    @property
    def by_hand(self) -> int:
        """How many turns that somebody asked for are queued or under way."""
        return self._by_hand

    def add(self, turn: Turn, due_at: int) -> None:
        """Queue a message; it goes out at once when it is due."""
        self._queued += 1
        self._by_hand += turn.by_hand
        heappush(self._queue, (due_at, self._queued, turn.message_id, turn.by_hand))
        self.wake()

    def wake(self) -> None:
        """Send what is due now, and look again when the next one is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock.now_ms()
        limited = self._rate_limit()
        while self._queue and self._queue[0][0] <= now and self._room:
            if limited is not None and not self._within(limited, now):
                break
            _, place, message_id, by_hand = heappop(self._queue)
            self._start(place, Turn(message_id, by_hand))
        if self._queue and self._room and not self._clock.frozen:
            wait_s = max(self._queue[0][0] - now, self._free_at - now, 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.wake)

    def hasten(self, message_ids: Container[str]) -> None:
        """Send these messages now, whenever they are due."""
        now = self._clock.now_ms()
        self._queue = [
            (min(due_at, now) if message_id in message_ids else due_at, place, message_id, by_hand)
            for due_at, place, message_id, by_hand in self._queue
        ]
        heapify(self._queue)
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
        self._by_hand -= sum(by_hand for _, _, _, by_hand in self._queue)
        self._queue.clear()
        self.wake()

    def abort(self) -> None:
        """Forget the queue and break off what is under way."""
        self.clear()
        under_way = tuple(self._under_way.values())
        self._under_way.clear()
        self._by_hand = 0
        for each in under_way:
            each.cancel()

    async def drain(self, grace_s: float) -> None:
        """Forget the queue, let what is under way end within ``grace_s``, then break it off."""
        self.clear()
        if self._under_way:
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._idle,), timeout=grace_s)
        self.abort()

    @property
    def _room(self) -> bool:
        return len(self._under_way) - self._parked < self._width

    def _within(self, limit: int, now: int) -> bool:
        """Count a start, unless that would be one too many in a second."""
        while self._started and self._started[0] <= now - SECOND_MS:
            self._started.popleft()
        if len(self._started) >= limit:
            self._free_at = self._started[-limit] + SECOND_MS
            return False
        self._started.append(now)
        return True

    def _start(self, place: int, turn: Turn) -> None:
        under_way = self._send(turn, partial(self._ended, place, turn))
        if under_way is None:
            self._by_hand -= turn.by_hand
        else:
            self._under_way[place] = under_way

    def _ended(self, place: int, turn: Turn) -> None:
        if self._under_way.pop(place, None) is None:
            return  # it was broken off as it ended
        self._by_hand -= turn.by_hand
        if not self._under_way and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        self.wake()
