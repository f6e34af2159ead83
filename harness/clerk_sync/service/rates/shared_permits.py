"""What all processes of the service count together, in Redis, by the library ``limits``.

A sliding window counter: two keys per source, which expire by themselves, and one round trip for
any number of permits. Nobody who has a request to answer may wait for a Redis that is gone, so
this is no ``Breaker``, whose first call after a pause is somebody's request: while Redis is not
trusted every process counts for itself, and a ping in the background finds out when it is back.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

__all__ = ["Granted", "SharedPermits"]

TIMEOUT_S: Final = 2.0
PING_EVERY_S: Final = 1.0

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Granted:
    """What Redis gave; with no permits, in how many seconds to ask again."""

    permits: int
    again_in_s: float = 0.0


class SharedPermits:
    """The counters in Redis.

    Args:
        redis_url: ``redis://…``; dialled when first used.
        clock: Monotonic seconds.
    """

    def __init__(self, redis_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pool: ConnectionPool = ConnectionPool.from_url(
            redis_url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            # A connection that broke in a restart of Redis is replaced unnoticed.
            retry=Retry(NoBackoff(), 1),
        )
        self._storage = RedisStorage(
            f"async+{redis_url}",
            implementation="redispy",
            key_prefix="clerk_sync:rates",
            connection_pool=self._pool,  # type: ignore[arg-type]  # as its docstring says
        )
        self._counter = SlidingWindowCounterRateLimiter(self._storage)
        self._trusted = True
        self._ping_at = 0.0
        self._pinging: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Dial, so that no request has to wait for it."""
        self._pinging = asyncio.create_task(self._ping(), name="rates-ping")

    @property
    def trusted(self) -> bool:
        """Whether Redis answers, as far as is known; asking never waits."""
        if not self._trusted and self._clock() >= self._ping_at:
            self._ping_at = self._clock() + PING_EVERY_S
            if self._pinging is None or self._pinging.done():
                self._pinging = asyncio.create_task(self._ping(), name="rates-ping")
        return self._trusted

    async def take(self, limit: RateLimitItem, source: str, wanted: int) -> Granted | None:
        """Take up to ``wanted`` permits; ``None`` when Redis does not say."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._take(limit, source, wanted)
        except (RedisError, OSError, TimeoutError) as failure:
            if self._trusted:
                self._trusted = False
                self._ping_at = self._clock() + PING_EVERY_S
                _log.warning(
                    "Redis does not count requests (%s: %s): every process limits rates by itself",
                    type(failure).__name__,
                    failure,
                )
            return None

    async def close(self) -> None:
        """Hang up."""
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.wait([self._pinging])
        await self._pool.aclose()

    async def _take(self, limit: RateLimitItem, source: str, wanted: int) -> Granted:
        if await self._counter.hit(limit, source, cost=wanted):
            return Granted(wanted)
        stats = await self._counter.get_window_stats(limit, source)
        left = min(wanted, stats.remaining)
        if left and await self._counter.hit(limit, source, cost=left):
            return Granted(left)
        # The library tells the time by the clock on the wall.
        return Granted(0, stats.reset_time - time.time())

    async def _ping(self) -> None:
        if await self._storage.check():
            if not self._trusted:
                _log.warning("Redis counts requests again")
            self._trusted = True
