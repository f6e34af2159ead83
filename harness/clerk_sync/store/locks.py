"""Advisory locks: by name, whether or not there is a row, until the transaction ends."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["begin_light", "lock_all"]

_BEGIN: Final = text("""
    SELECT set_config('synchronous_commit', 'off', true),
           set_config('lock_timeout', :lock_timeout, true)
""")
# Sorted by what is really locked, so that no two transactions can wait for each other.
_LOCK: Final = text("""
    WITH sorted AS MATERIALIZED (
        SELECT DISTINCT hashtextextended(name, 0) AS lock
        FROM unnest(CAST(:names AS text[])) AS names(name) ORDER BY lock)
    SELECT pg_advisory_xact_lock(lock) FROM sorted
""")


async def begin_light(connection: AsyncConnection, *, lock_timeout_s: float) -> None:
    """Let this transaction commit before it is on disk, and not wait long for locks.

    Committing lazily is for what nobody was told of and what is done again when a crash undoes it:
    it saves the wait for the disk, by far the longest part of a small transaction.

    Args:
        connection: At the beginning of its transaction.
        lock_timeout_s: Longest wait for any one lock in seconds.
    """
    await connection.execute(_BEGIN, {"lock_timeout": f"{lock_timeout_s * 1000:.0f}ms"})


async def lock_all(connection: AsyncConnection, names: Collection[str]) -> None:
    """Make every other transaction that locks one of these names wait for this one."""
    await connection.execute(_LOCK, {"names": list(names)})
