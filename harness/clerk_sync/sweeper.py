"""The sweeper process: looks every half second for work that nobody was woken for."""

import asyncio
import signal
from contextlib import suppress
from logging import getLogger

from clerk_sync.broker import TaskSender, make_celery
from clerk_sync.config import Settings
from clerk_sync.errors import ClerkSyncError
from clerk_sync.metrics import Metrics, MetricsAddress
from clerk_sync.service.retention import Retention
from clerk_sync.service.sweep import SWEEP_ROWS, Sweep
from clerk_sync.store.session import connect

__all__ = ["run_sweeper"]

POOL_SIZE = 2

_log = getLogger(__name__)


def run_sweeper(settings: Settings, *, metrics: MetricsAddress | None = None) -> None:
    """Sweep until SIGTERM or SIGINT, whatever happens to Postgres and Redis meanwhile.

    Args:
        settings: The configuration.
        metrics: Where scrapes are answered; nowhere when omitted.
    """
    if metrics is not None:
        metrics.serve()
    asyncio.run(_sweep_forever(settings))


async def _sweep_forever(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    engine = connect(settings.database_url, pool_size=POOL_SIZE, application="clerk_sync sweeper")
    sender = TaskSender(make_celery(settings))
    metrics = Metrics()
    retention = Retention(
        engine,
        keep_days=settings.keep_applied_days,
        on_purge=lambda table, rows: metrics.purged.labels(table).inc(rows),
    )
    sweep = Sweep(engine, wake=sender.wake, queued=sender.queued)
    try:
        await _run(
            sweep,
            retention,
            stopping=stopping,
            interval_s=settings.sweep_interval_s,
            metrics=metrics,
        )
    finally:
        sender.close()
        await engine.dispose()


async def _run(
    sweep: Sweep,
    retention: Retention,
    *,
    stopping: asyncio.Event,
    interval_s: float,
    metrics: Metrics,
) -> None:
    trouble = ""
    while not stopping.is_set():
        try:
            found = await sweep.run_once()
            metrics.wakes.inc(found)
            await retention.step()
        except ClerkSyncError as failure:
            if failure.code != trouble:
                _log.warning("cannot sweep: %s", failure)
            trouble = failure.code
        except Exception:  # noqa: BLE001 - the sweeper must outlive any sweep
            _log.exception("a sweep failed unforeseen")
        else:
            if trouble:
                _log.info("sweeping again")
            trouble = ""
            if found >= SWEEP_ROWS:
                continue  # There is more.
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), interval_s)
