"""asyncio beside gevent: the load runs in a native thread, its records come back to the greenlets.

Locust has patched sockets, selectors and threads by the time this is imported. The loop is
uvloop, whose sockets, timers and polling are libuv's own, in a thread of the hub's pool, which is
a real one: no greenlet can hold up a send.
"""

from collections import deque
from collections.abc import Callable, Iterator

import gevent  # type: ignore[import-untyped] # ships no types
import uvloop
from gevent.event import Event  # type: ignore[import-untyped] # ships no types

from clerk_load.arrivals import Arrival, Arrivals
from clerk_load.delivery import Delivery
from clerk_load.plan import Plan
from clerk_load.profiles import PROFILES

__all__ = ["Engine"]

# How long records may lie before the greenlets hear of them: one wake-up for many.
HAND_OVER_S = 0.1


class Engine:
    """Runs one plan once.

    Attributes:
        arrivals: Every record that ``batches`` has handed out.
        failure: What broke the engine itself; ``None`` as long as nothing did.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.arrivals: list[Arrival] = []
        self.failure: BaseException | None = None
        self._records: deque[Arrival] = deque()
        self._loop = uvloop.new_event_loop()
        self._running: Arrivals | None = None
        self._stop_asked = False
        self._wake_planned = False

    def batches(self) -> Iterator[list[Arrival]]:
        """Run the plan; yields records as they come, and ends when all are handed out."""
        hub = gevent.get_hub()
        news = Event()

        def tell() -> None:
            self._wake_planned = False
            hub.loop.run_callback_threadsafe(news.set)

        def record(arrival: Arrival) -> None:
            self._records.append(arrival)
            if not self._wake_planned:
                self._wake_planned = True
                self._loop.call_later(HAND_OVER_S, tell)

        running = hub.threadpool.spawn(self._run, record)
        running.rawlink(lambda _: news.set())
        try:
            over = False
            while not over:
                news.wait()
                news.clear()
                over = running.ready()
                batch = [self._records.popleft() for _ in range(len(self._records))]
                self.arrivals += batch
                yield batch
            self.failure = running.exception
        finally:
            self.stop()

    def stop(self) -> None:
        """Send no more; what is under way gets a moment. Safe from any thread, any time."""
        self._stop_asked = True
        try:
            self._loop.call_soon_threadsafe(self._stop_running)
        except RuntimeError:  # the loop is closed: it is over already
            return

    def _stop_running(self) -> None:
        if self._running is not None:
            self._running.stop()

    def _run(self, record: Callable[[Arrival], None]) -> None:
        try:
            self._loop.run_until_complete(self._drive(record))
        finally:
            self._loop.close()

    async def _drive(self, record: Callable[[Arrival], None]) -> None:
        plan = self.plan
        delivery = Delivery(plan)
        self._running = Arrivals(
            PROFILES[plan.arrivals](plan.rate, len(plan.messages), plan.seed),
            delivery.send,
            record,
            max_in_flight=plan.max_in_flight,
            patience_s=2 * plan.timeout_s,
        )
        if self._stop_asked:
            self._running.stop()
        try:
            await self._running.run()
        finally:
            await delivery.close()
