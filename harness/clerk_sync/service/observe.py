"""What there is to know about the work of all processes, as of now."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import ClerkSyncError
from clerk_sync.metrics import Metrics
from clerk_sync.store.effects import EffectKind, count_effects
from clerk_sync.store.models import SCHEMA_REVISION
from clerk_sync.store.progress import backlog, processing_times
from clerk_sync.store.session import schema_revision, transaction

__all__ = ["Health", "Observer"]

CHECK_TIMEOUT_S: Final = 2.0
TIMES_PER_SCRAPE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Health:
    """What the service leans on; an empty string means that it is well."""

    postgres: str
    redis: str
    clerk: str


class Observer:
    """Looks at the backing services and at the inbox.

    Args:
        engine: Postgres.
        redis: The broker.
        metrics: Brought up to date by ``refresh``.
        clerk_trouble: Says what is wrong with Clerk; empty when all is well.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        redis: Redis,
        metrics: Metrics,
        *,
        clerk_trouble: Callable[[], str],
    ) -> None:
        self._clerk_trouble = clerk_trouble
        self._engine = engine
        self._redis = redis
        self._metrics = metrics
        self._seen_until = datetime.now(UTC)
        self._registrations = 0

    async def health(self) -> Health:
        """Look at Postgres and Redis, for at most two seconds."""
        postgres, redis = await asyncio.gather(self._check_postgres(), self._check_redis())
        return Health(postgres=postgres, redis=redis, clerk=self._clerk_trouble())

    async def refresh(self) -> None:
        """Bring the metrics up to date.

        Raises:
            StoreUnavailableError: Postgres is down; what this process counts itself still holds.
        """
        async with transaction(self._engine) as connection:
            left = await backlog(connection)
            registrations = await count_effects(connection, EffectKind.WELCOME)
            times = await processing_times(
                connection, since=self._seen_until, limit=TIMES_PER_SCRAPE
            )
        self._metrics.depth.set(left.depth)
        self._metrics.dead.set(left.dead)
        self._metrics.oldest.set(left.oldest_age_s)
        self._metrics.registrations.inc(max(0, registrations - self._registrations))
        self._registrations = max(registrations, self._registrations)
        for applied_at, seconds in times:
            self._metrics.processing.observe(seconds)
            self._seen_until = applied_at

    async def _check_postgres(self) -> str:
        try:
            async with (
                asyncio.timeout(CHECK_TIMEOUT_S),
                transaction(self._engine) as connection,
            ):
                revision = await schema_revision(connection)
        except TimeoutError:
            return "Postgres is too slow"
        except ClerkSyncError as failure:
            return str(failure)
        if revision != SCHEMA_REVISION:
            return f"the schema is at {revision}, not at {SCHEMA_REVISION}: run migrate"
        return ""

    async def _check_redis(self) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._redis.ping()
        except TimeoutError:
            return "Redis is too slow: wake-ups are left to the sweeper"
        except (RedisError, OSError) as failure:
            return f"Redis is down ({type(failure).__name__}): wake-ups are left to the sweeper"
        return ""
