"""Open-model arrivals: a message is due when it is due, whatever became of the ones before.

Nothing here knows Locust, gevent or HTTP; it needs a running asyncio loop.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

__all__ = ["NOT_SENT", "STOPPED", "Arrival", "Arrivals", "Outcome"]

NOT_SENT = "not_sent"
STOPPED = "stopped"
# Between the call and the first arrival: time for the loop to settle.
LEAD_S = 0.05
# What is under way when somebody stops the load may still be answered within this.
GRACE_S = 1.0
TIMER_S = 0.001


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one send: an HTTP status, or the kind of error."""

    status: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One planned message and what became of it; times are unix seconds.

    Attributes:
        index: Place in the plan.
        due_at: Intended start.
        sent_at: Actual start; ``None`` when it was never sent.
        ended_at: When the answer or the error came; ``None`` when it was never sent.
        late: It had to wait because the bound of messages in flight was reached.
    """

    index: int
    due_at: float
    sent_at: float | None
    ended_at: float | None
    outcome: Outcome
    late: bool = False


class Arrivals:
    """Sends a series of messages, each at its time, and reports every one exactly once.

    Args:
        offsets: When each message is due, in seconds after the start, ascending.
        send: Sends the message of an index; must not raise.
        report: Told of every message, also of those that were never sent.
        max_in_flight: Never more than this under way; the rest waits, and its waiting counts.
        patience_s: How long after the last message was due the run ends at the latest.
    """

    def __init__(
        self,
        offsets: Sequence[float],
        send: Callable[[int], Awaitable[Outcome]],
        report: Callable[[Arrival], None],
        *,
        max_in_flight: int,
        patience_s: float,
    ) -> None:
        self._offsets = offsets
        self._send = send
        self._tell = report
        self._max_in_flight = max_in_flight
        self._patience_s = patience_s
        self._open = set(range(len(offsets)))
        self._under_way: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._stop = asyncio.Event()
        self._broken: BaseException | None = None
        self._started = 0.0
        self._to_unix = 0.0

    def stop(self) -> None:
        """Send no more; call it from the loop's own thread."""
        self._stop.set()

    async def run(self) -> None:
        """Send everything; returns when all is reported, at the latest when patience ends."""
        self._to_unix = time.time() - time.perf_counter()
        self._started = time.perf_counter() + LEAD_S
        limit_s = LEAD_S + (self._offsets[-1] if self._offsets else 0.0) + self._patience_s
        work = asyncio.ensure_future(self._send_all())
        stopped = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({work, stopped}, timeout=limit_s, return_when="FIRST_COMPLETED")
        stopped.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
            if self._under_way and self._stop.is_set():
                await asyncio.wait(tuple(self._under_way), timeout=GRACE_S)
        await self._break_off()
        for index in sorted(self._open):
            self._report(index, None, None, Outcome(error=NOT_SENT))
        if self._broken is not None:
            raise self._broken

    async def _send_all(self) -> None:
        for index, offset in enumerate(self._offsets):
            due = self._started + offset
            # The loop's timers count whole milliseconds and may fire early; a shorter sleep would
            # be none at all, and would take a core from the service under test.
            while (wait_s := due - time.perf_counter()) > 0:  # noqa: ASYNC110 - time is the event
                await asyncio.sleep(max(wait_s, TIMER_S))
            late = len(self._under_way) >= self._max_in_flight
            while len(self._under_way) >= self._max_in_flight:
                self._room.clear()
                await self._room.wait()
            task = asyncio.ensure_future(self._send_one(index, late=late))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        if self._under_way:
            await asyncio.wait(tuple(self._under_way))

    async def _send_one(self, index: int, *, late: bool) -> None:
        sent = time.perf_counter()
        try:
            outcome = await self._send(index)
        except asyncio.CancelledError:  # only ever by _break_off, which wants the record
            outcome = Outcome(error=STOPPED)
        self._report(index, sent, time.perf_counter(), outcome, late=late)

    async def _break_off(self) -> None:
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(tuple(self._under_way))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._room.set()
        if not task.cancelled() and (broken := task.exception()) is not None:
            self._broken = broken
            self.stop()

    def _report(
        self,
        index: int,
        sent: float | None,
        ended: float | None,
        outcome: Outcome,
        *,
        late: bool = False,
    ) -> None:
        self._open.discard(index)
        self._tell(
            Arrival(
                index=index,
                due_at=self._to_unix + self._started + self._offsets[index],
                sent_at=None if sent is None else self._to_unix + sent,
                ended_at=None if ended is None else self._to_unix + ended,
                outcome=outcome,
                late=late,
            )
        )
