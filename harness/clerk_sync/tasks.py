"""The worker process: Celery tasks around the service code, on one event loop per pool process."""

import asyncio
from collections.abc import Sequence
from logging import getLogger
from typing import Final

from celery import Celery, signals  # type: ignore[import-untyped]  # celery ships no types
from celery.exceptions import SoftTimeLimitExceeded  # type: ignore[import-untyped]  # the same
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from clerk_sync.breaker import Breaker
from clerk_sync.broker import APPLY_TASK, PING_TASK, echo_key, make_celery
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.errors import StoreUnavailableError
from clerk_sync.metrics import Metrics, MetricsAddress
from clerk_sync.service.apply import Applier
from clerk_sync.service.pulse import show_pool
from clerk_sync.store.session import connect
from clerk_sync.tracing import open_tracing

__all__ = ["make_worker", "run_worker"]

POOL_SIZE: Final = 8
"""Connections of one pool process; more than one only for what is done by itself."""
ECHO_LIFE_S: Final = 30

_log = getLogger(__name__)


class Workshop:
    """What one pool process works with; made after the fork, for none of it survives one."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._runner = asyncio.Runner()
        self._batch = settings.apply_batch
        self._gate = asyncio.Semaphore(POOL_SIZE)
        self._metrics = metrics
        self._tracing = open_tracing("worker")
        engine = self._engine = connect(
            settings.database_url, pool_size=POOL_SIZE, application="clerk_sync worker"
        )
        breaker = Breaker(failures=settings.breaker_failures, reset_s=settings.breaker_reset_s)
        breaker.on_change = metrics.show_breaker
        clerk = ClerkApi(
            open_http(),
            base_url=settings.clerk_api_url,
            secret_key=settings.clerk_secret_key,
            breaker=breaker,
        )
        self._applier = Applier(engine, clerk, settings, self._metrics, self._tracing)
        self._redis = Redis.from_url(
            settings.redis_url,
            socket_connect_timeout=1,
            socket_timeout=1,
            retry=Retry(NoBackoff(), 1),
        )

    def apply(self, svix_ids: Sequence[str]) -> None:
        """Apply webhooks; those that cannot be claimed now the sweeper finds again."""
        self._runner.run(self._apply(svix_ids))
        show_pool(self._engine, self._metrics)

    async def _apply(self, svix_ids: Sequence[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for start in range(0, len(svix_ids), self._batch):
                group.create_task(self._apply_batch(svix_ids[start : start + self._batch]))

    async def _apply_batch(self, svix_ids: Sequence[str]) -> None:
        async with self._gate:
            try:
                # Whoever is woken for a few takes along what waits: cheaper than a task for each.
                await self._applier.apply_all(svix_ids, more=self._batch - len(svix_ids))
            except StoreUnavailableError as failure:
                _log.warning("left to the sweeper: %s", failure, extra={"svix_ids": svix_ids})

    def close(self) -> None:
        """Send the traces that are left."""
        if self._tracing is not None:
            self._tracing.close()

    def echo(self, token: str) -> None:
        """Answer a ping."""
        with self._redis.pipeline() as pipeline:
            pipeline.rpush(echo_key(token), "1")
            pipeline.expire(echo_key(token), ECHO_LIFE_S)
            pipeline.execute()


class PoolProcess:
    """Holds the workshop of this process, and replaces one whose event loop was interrupted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._workshop: Workshop | None = None

    def open(self, **_: object) -> None:
        """Make the workshop."""
        self._workshop = Workshop(self._settings, self._metrics)

    def close(self, **_: object) -> None:
        """Let go of the workshop when the process ends."""
        if self._workshop is not None:
            self._workshop.close()

    def apply(self, svix_ids: Sequence[str]) -> None:
        """Apply webhooks."""
        try:
            self._opened().apply(svix_ids)
        except SoftTimeLimitExceeded:
            # The limit struck somewhere inside the event loop, which nobody can mend.
            self.open()
            raise

    def echo(self, token: str) -> None:
        """Answer a ping."""
        self._opened().echo(token)

    def _opened(self) -> Workshop:
        if self._workshop is None:
            self._workshop = Workshop(self._settings, self._metrics)
        return self._workshop


def make_worker(settings: Settings) -> Celery:
    """Make the Celery application with its tasks."""
    celery = make_celery(settings)
    process = PoolProcess(settings)
    signals.worker_process_init.connect(process.open, weak=False)
    signals.worker_process_shutdown.connect(process.close, weak=False)

    @celery.task(name=APPLY_TASK)  # type: ignore[untyped-decorator]  # celery ships no types
    def apply(svix_ids: list[str]) -> None:
        process.apply(svix_ids)

    @celery.task(name=PING_TASK)  # type: ignore[untyped-decorator]  # the same
    def ping(token: str) -> None:
        process.echo(token)

    return celery


def run_worker(
    settings: Settings, *, concurrency: int, metrics: MetricsAddress | None = None
) -> int:
    """Work until SIGTERM, then finish what is under way.

    Args:
        settings: The configuration.
        concurrency: Pool processes.
        metrics: Where scrapes are answered; nowhere when omitted.

    Returns:
        The exit code.
    """
    # Whoever listens here keeps Celery from setting up logging of its own.
    signals.setup_logging.connect(_keep_our_logging, weak=False)
    worker = make_worker(settings).Worker(
        concurrency=concurrency,
        pool="prefork",
        optimization="fair",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    if metrics is not None:
        # In the parent and after its forks, which would keep the port open behind it.
        signals.worker_ready.connect(lambda **_: metrics.serve(), weak=False)
    worker.start()
    return int(worker.exitcode or 0)


def _keep_our_logging(**_: object) -> None:
    """Do nothing: that we are called is enough."""
