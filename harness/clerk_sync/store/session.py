"""The way to Postgres: an engine with bounded waits, and transactions with two kinds of failure."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from sqlalchemy import make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from clerk_sync.errors import StoreRejectedError, StoreUnavailableError

__all__ = [
    "FAILURES",
    "PoolUse",
    "commit_lazily",
    "connect",
    "driver_url",
    "lone_connection",
    "pool_use",
    "schema_revision",
    "transaction",
    "translate",
]

CONNECT_TIMEOUT_S: Final = 2.0
STATEMENT_TIMEOUT_S: Final = 3.0

FAILURES: Final = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
)
"""What is raised when Postgres or the way to it fails; a ``TimeoutError`` is an ``OSError``."""

_LAZY: Final = text("SET LOCAL synchronous_commit = off")
_DATA_FAULTS: Final = ("22", "23")
"""SQLSTATE classes that blame the row, not the database: data exception, constraint violation."""


def driver_url(database_url: str) -> URL:
    """Return the URL for SQLAlchemy with our driver, whatever driver the given one names."""
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    ssl_mode = url.query.get("sslmode")
    if ssl_mode is None:
        return url
    # libpq calls it sslmode, asyncpg calls it ssl; the values are the same.
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": str(ssl_mode)})


def connect(database_url: str, *, pool_size: int, application: str) -> AsyncEngine:
    """Make an engine; it dials when first used.

    Args:
        database_url: ``postgresql://…``.
        pool_size: Connections kept open, and the most that are open at once.
        application: Shown in ``pg_stat_activity``.
    """
    return create_async_engine(
        driver_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": STATEMENT_TIMEOUT_S,
            "server_settings": {
                "application_name": application,
                "statement_timeout": f"{STATEMENT_TIMEOUT_S * 1000:.0f}",
                "idle_in_transaction_session_timeout": "15000",
            },
        },
    )


@dataclass(frozen=True, slots=True)
class PoolUse:
    """An engine's connections: the most there may be, those lent out, and who waits for one."""

    size: int
    in_use: int
    waiters: int


def pool_use(engine: AsyncEngine) -> PoolUse:
    """Return how an engine's pool is used right now."""
    pool: Any = engine.pool
    # SQLAlchemy counts everything but those who wait; they stand in the queue that it wraps.
    queue = getattr(getattr(pool, "_pool", None), "_queue", None)
    return PoolUse(pool.size(), pool.checkedout(), len(getattr(queue, "_getters", ())))


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that commits when the block ends and rolls back when it raises.

    Raises:
        StoreRejectedError: Postgres refuses a value; trying again is of no use.
        StoreUnavailableError: Postgres is down, slow or not migrated; trying again may help.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except FAILURES as failure:
        raise translate(failure) from failure


@asynccontextmanager
async def lone_connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection outside of any transaction, for a lock that lasts as long as it does.

    It is closed for good afterwards: back in the pool it would go on holding the lock.

    Raises:
        StoreUnavailableError: Postgres is down or slow.
    """
    try:
        raw = await engine.connect()
    except FAILURES as failure:
        raise translate(failure) from failure
    try:
        yield await raw.execution_options(isolation_level="AUTOCOMMIT")
    finally:
        await raw.invalidate()
        await raw.close()


def translate(failure: Exception) -> StoreRejectedError | StoreUnavailableError:
    """Return what one of ``FAILURES`` means to a caller."""
    origin: Any = failure.orig if isinstance(failure, DBAPIError) else failure
    state = getattr(origin, "sqlstate", None) or ""
    cause = f"{type(origin).__name__}: {str(origin).partition(chr(10))[0]}"
    if state.startswith(_DATA_FAULTS) or isinstance(
        getattr(origin, "__cause__", None), asyncpg.DataError
    ):
        return StoreRejectedError(f"Postgres refuses the row ({cause})")
    return StoreUnavailableError(
        f"Postgres did not answer as it should ({cause})",
        "see that it runs, is reachable and migrated",
    )


async def commit_lazily(connection: AsyncConnection) -> None:
    """Let this transaction's commit return before it is on disk.

    For what nobody was told of and what is done again when a crash undoes it: it saves the wait
    for the disk, by far the longest part of a small transaction.
    """
    await connection.execute(_LAZY)


async def schema_revision(connection: AsyncConnection) -> str | None:
    """Return the migration that the database is at."""
    found = await connection.execute(text("SELECT version_num FROM alembic_version"))
    revision: str | None = found.scalar_one_or_none()
    return revision
