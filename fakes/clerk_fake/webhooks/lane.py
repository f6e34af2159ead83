"""The queue before one endpoint: what is due goes out, a few at a time, first come first served."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Final

from clerk_fake.clock import Clock

__all__ = ["Lane", "Turn"]

SECOND_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Turn:
    """A message's turn to be sent.

    Attributes:
        message_id: What is sent.
        by_hand: Whether somebody asked for it, rather than the schedule.
    """

    message_id: str
    by_hand: bool = False


class Lane:
    """Sends the messages of one endpoint when they are due on the instance's clock.

    Costs nothing while it is empty: no task, no timer. Endpoints do not slow each other, since
    each has a lane of its own.

    Args:
        clock: The instance's clock.
        send: Tries to deliver a message; must not raise.
        width: How many are sent at the same time.
        rate_limit: Returns how many may be started in any second of the clock; ``None`` for all.
    """

    def __init__(
        self,
        clock: Clock,
        send: Callable[[Turn], Awaitable[None]],
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
        self._under_way: set[asyncio.Task[None]] = set()
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
            _, _, message_id, by_hand = heappop(self._queue)
            self._start(Turn(message_id, by_hand=by_hand))
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
        for task in tuple(self._under_way):
            task.cancel()

    async def drain(self, grace_s: float) -> None:
        """Forget the queue, let what is under way end within ``grace_s``, then break it off."""
        self.clear()
        if self._under_way:
            await asyncio.wait(tuple(self._under_way), timeout=grace_s)
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

    def _start(self, turn: Turn) -> None:
        task = asyncio.ensure_future(self._send(turn))
        self._under_way.add(task)
        task.add_done_callback(partial(self._ended, turn))

    def _ended(self, turn: Turn, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._by_hand -= turn.by_hand
        if not task.cancelled():
            task.result()
            self.wake()
