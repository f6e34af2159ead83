"""Statements that delete what nobody needs any more, a bounded number of rows at a time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import State

__all__ = ["Purged", "delete_closed_sessions", "delete_finished"]

_FINISHED: Final = sorted(
    state.value for state in (State.APPLIED, State.IGNORED, State.IGNORED_STALE)
)


@dataclass(frozen=True, slots=True)
class Purged:
    """What one statement did: rows deleted, and up to where it looked; ``None``: to the end."""

    rows: int
    upto: int | None


# By seq, which is the order of arrival, so that the rows that stay are passed over once.
_DELETE_FINISHED: Final = text("""
    WITH looked AS (
        SELECT seq, state FROM inbox
        WHERE seq > :after AND received_at < clock_timestamp() - CAST(:age AS interval)
        ORDER BY seq LIMIT :limit),
    gone AS (
        DELETE FROM inbox USING looked
        WHERE inbox.seq = looked.seq AND inbox.state = ANY(CAST(:finished AS text[]))
        RETURNING inbox.seq)
    SELECT (SELECT count(*) FROM gone), (SELECT max(seq) FROM looked),
           (SELECT count(*) FROM looked)
""")
_DELETE_SESSIONS: Final = text("""
    DELETE FROM closed_sessions WHERE session_id IN (
        SELECT session_id FROM closed_sessions
        WHERE closed_at < clock_timestamp() - CAST(:age AS interval)
        ORDER BY closed_at LIMIT :limit FOR UPDATE SKIP LOCKED)
""")


async def delete_finished(
    connection: AsyncConnection, *, after: int, older_than: timedelta, limit: int
) -> Purged:
    """Delete webhooks that are applied or ignored; what is open or dead stays, however old.

    Args:
        connection: In a transaction of its own.
        after: Look at rows behind this one.
        older_than: Received so long ago.
        limit: Look at so many rows.
    """
    found = await connection.execute(
        _DELETE_FINISHED,
        {"after": after, "age": older_than, "limit": limit, "finished": _FINISHED},
    )
    rows, upto, looked = found.one()
    return Purged(rows, upto if looked == limit else None)


async def delete_closed_sessions(
    connection: AsyncConnection, *, older_than: timedelta, limit: int
) -> int:
    """Delete sessions that ended so long ago that no token of theirs can be valid.

    Returns:
        How many.
    """
    result = await connection.execute(_DELETE_SESSIONS, {"age": older_than, "limit": limit})
    return result.rowcount
