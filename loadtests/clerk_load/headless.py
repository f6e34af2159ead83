"""Locust as a library: one plan, no Web UI; ends by itself, or earlier on SIGTERM and SIGINT."""

import gc
import signal
import sys

import gevent  # type: ignore[import-untyped] # ships no types
from locust.env import Environment

from clerk_load.engine import Engine
from clerk_load.errors import LoadError
from clerk_load.plan import Plan
from clerk_load.result import LoadResult, LocustCounts
from clerk_load.users import WebhookUser

__all__ = ["run"]

# Python lets a thread wait 5 ms for another one's turn to end: too long for a send that is due.
SWITCH_INTERVAL_S = 0.0005


def run(plan: Plan) -> LoadResult:
    """Run ``plan`` in this process, which must be its own, and measure it."""
    engine = Engine(plan)

    class Webhooks(WebhookUser):
        """The one user of this run."""

        @classmethod
        def new_engine(cls) -> Engine:
            return engine

    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, engine.stop)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.freeze()
    environment = Environment(user_classes=[Webhooks])
    runner = environment.create_local_runner()
    runner.start(1, spawn_rate=1)
    runner.greenlet.join()
    if engine.failure is not None:
        raise LoadError(f"the load broke ({engine.failure!r})", "report it") from engine.failure
    total = environment.stats.total
    return LoadResult.of(
        plan, engine.arrivals, LocustCounts(total.num_requests, total.num_failures)
    )
