"""What there is to know about the work of all processes, as of now."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import ClerkSyncError, StoreUnavailableError
from clerk_sync.metrics import Figures
from clerk_sync.store.admission import count_waiting
from clerk_sync.store.models import SCHEMA_REVISION
from clerk_sync.store.progress import Backlog, Welcomes, backlog, count_welcomes, last_drift
from clerk_sync.store.session import schema_revision, transaction
from clerk_sync.store.switches import REGISTRATION, read_switch

__all__ = ["Health", "Observer"]

CHECK_TIMEOUT_S: Final = 2.0
FIGURES_LIFE_S: Final = 1.0
"""Whoever asks again sooner gets the same figures: probes must not become load."""
UNSWEPT_S: Final = 15.0
"""Longer than any pause of a sweeper that lives and has work left undone."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Health:
    """What the service leans on; an empty string means that it is well.

    Attributes:
        postgres: Without it nothing is taken.
        redis: Without it wake-ups are late.
        clerk: Without it known users are let in, others are not.
        work: Whether what was taken is also applied.
    """

    postgres: str
    redis: str
    clerk: str
    work: str

    @property
    def causes(self) -> tuple[str, ...]:
        """Return everything that is not well."""
        return tuple(one for one in (self.postgres, self.redis, self.clerk, self.work) if one)


class Observer:
    """Looks at the backing services and at the inbox.

    Args:
        engine: Postgres.
        redis: The broker.
        clerk_trouble: Says what is wrong with Clerk; empty when all is well.
        max_age_s: Age in seconds at which an unapplied webhook is a cause for concern.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        redis: Redis,
        *,
        clerk_trouble: Callable[[], str],
        max_age_s: float,
    ) -> None:
        self._clerk_trouble = clerk_trouble
        self._engine = engine
        self._redis = redis
        self._max_age_s = max_age_s
        self._welcomes = Welcomes()
        self._backlog = _Brief(self._read_backlog)
        self._figures = _Brief(self._read_figures)

    async def health(self) -> Health:
        """Look at everything, for at most two seconds."""
        postgres, redis = await asyncio.gather(self._check_postgres(), self._check_redis())
        work = "" if postgres else await self._check_work()
        return Health(postgres=postgres, redis=redis, clerk=self._clerk_trouble(), work=work)

    async def figures(self) -> Figures | None:
        """Return the state of the work for the metrics; ``None`` without Postgres."""
        try:
            return await self._figures.get()
        except StoreUnavailableError:
            return None

    async def _read_figures(self) -> Figures:
        async with transaction(self._engine) as connection:
            left = await backlog(connection)
            self._welcomes = await count_welcomes(connection, self._welcomes)
            waiting = await count_waiting(connection)
            drift = await last_drift(connection)
            registration = await read_switch(connection, REGISTRATION)
        return Figures(
            depth=left.depth,
            dead=left.dead,
            oldest_age_s=left.oldest_age_s,
            registrations=self._welcomes.settled + self._welcomes.recent,
            waiting=waiting,
            registration_open=registration is None or registration.open,
            drift=drift.found if drift else {},
            reconciled_at=drift.finished_at.timestamp() if drift else None,
        )

    async def _read_backlog(self) -> Backlog:
        async with transaction(self._engine) as connection:
            return await backlog(connection)

    async def _check_work(self) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                left = await self._backlog.get()
        except (TimeoutError, ClerkSyncError):
            return "the backlog cannot be read in time"
        if left.unswept_s > UNSWEPT_S:
            return f"no sweeper has looked for {left.unswept_s:.0f} s: lost wake-ups stay lost"
        if left.unheeded:
            return f"no worker comes for {left.unheeded} webhooks though it was woken several times"
        if left.oldest_age_s > self._max_age_s:
            return (
                f"the oldest of {left.depth} unapplied webhooks has waited for "
                f"{left.oldest_age_s:.0f} s"
            )
        return ""

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
            # Anybody may ask; what the library says of it names hosts and is for the log.
            return f"Postgres did not answer as it should ({type(failure.__cause__).__name__})"
        # A newer schema is one that is being rolled out: what is written for this one still works.
        if revision is None or revision < SCHEMA_REVISION:
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


class _Brief(Generic[Value]):
    """A value that is read at most once a second, by one at a time."""

    def __init__(self, read: Callable[[], Awaitable[Value]]) -> None:
        self._read = read
        self._value: Value | None = None
        self._read_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def get(self) -> Value:
        """Return the value."""
        async with self._one_at_a_time:
            if self._value is None or time.monotonic() - self._read_at > FIGURES_LIFE_S:
                self._value = await self._read()
                self._read_at = time.monotonic()
            return self._value
