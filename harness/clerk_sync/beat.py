"""The ``beat`` process: Celery's schedule, and the worker of the repair queue, in one.

Beat asks often whether a reconcile is due; Postgres knows. So a restart of beat neither repeats
nor forgets one, and several beats do no harm: only one process repairs at a time.
"""

import asyncio
from logging import getLogger
from typing import Final

from celery import Celery, signals  # type: ignore[import-untyped]  # celery ships no types

from clerk_sync.breaker import Breaker
from clerk_sync.broker import REPAIR_QUEUE, REPAIR_TASK, make_celery
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.errors import ClerkSyncError
from clerk_sync.service.repair.schedule import SLICE_S, Schedule
from clerk_sync.store.session import connect

__all__ = ["make_beat", "run_beat"]

POOL_SIZE: Final = 8
MOST_OFTEN_S: Final = 30.0
"""Pause between two questions whether a reconcile is due."""
PATIENCE_S: Final = 2.0
SLICES_IN_A_ROW: Final = 6
"""After so many the task ends, and beat's next one goes on."""

_log = getLogger(__name__)


def make_beat(settings: Settings) -> Celery:
    """Make the Celery application with the repair task and its schedule."""
    celery = make_celery(settings)
    tick_s = min(settings.reconcile_interval_s, MOST_OFTEN_S)
    celery.conf.update(
        task_default_queue=REPAIR_QUEUE,
        beat_schedule={
            "reconcile": {
                "task": REPAIR_TASK,
                "schedule": tick_s,
                # Nobody needs the questions that were asked while the worker was away.
                "options": {"queue": REPAIR_QUEUE, "expires": tick_s},
            }
        },
    )
    runner = asyncio.Runner()

    @celery.task(name=REPAIR_TASK)  # type: ignore[untyped-decorator]  # celery ships no types
    def repair() -> None:
        try:
            runner.run(_repair(settings))
        except ClerkSyncError as failure:
            _log.warning("the reconcile goes on later: %s", failure)

    return celery


async def _repair(settings: Settings) -> None:
    engine = connect(settings.database_url, pool_size=POOL_SIZE, application="clerk_sync beat")
    try:
        async with open_http() as http:
            clerk = ClerkApi(
                http,
                base_url=settings.clerk_api_url,
                secret_key=settings.clerk_secret_key,
                breaker=Breaker(
                    failures=settings.breaker_failures, reset_s=settings.breaker_reset_s
                ),
                patience_s=PATIENCE_S,
            )
            schedule = Schedule(engine, clerk, interval_s=settings.reconcile_interval_s)
            for _ in range(SLICES_IN_A_ROW):
                if not await schedule.work(slice_s=SLICE_S):
                    return
    finally:
        await engine.dispose()


def run_beat(settings: Settings) -> int:
    """Reconcile again and again until SIGTERM.

    Returns:
        The exit code.
    """
    # Whoever listens here keeps Celery from setting up logging of its own.
    signals.setup_logging.connect(_keep_our_logging, weak=False)
    worker = make_beat(settings).Worker(
        queues=[REPAIR_QUEUE],
        concurrency=1,
        pool="solo",
        beat=True,
        scheduler="celery.beat:Scheduler",  # in memory: the schedule is in Postgres
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _keep_our_logging(**_: object) -> None:
    """Do nothing: that we are called is enough."""
