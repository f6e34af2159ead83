"""Statements about sessions that are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import closed_sessions
from clerk_sync.store.writes import Burial

__all__ = [
    "ClosedSession",
    "StoredSession",
    "close_sessions",
    "list_closed_sessions",
    "load_closed_sessions",
    "session_is_closed",
]


@dataclass(frozen=True, slots=True)
class ClosedSession:
    """A session that is over, as an event says it."""

    clerk_id: str
    user_id: str | None
    status: str
    clerk_updated_at: int = 0


@dataclass(frozen=True, slots=True)
class StoredSession(ClosedSession):
    """The same as it is stored."""

    active: bool = False
    applied_svix_id: str = ""
    closed_at: datetime | None = None


_CLOSED: Final = select(literal(1)).where(closed_sessions.c.session_id == bindparam("session_id"))
_LOAD: Final = text("""
    SELECT session_id, clerk_id, status FROM closed_sessions
    WHERE session_id = ANY(CAST(:session_ids AS text[]))
""")
_LIST: Final = (
    select(closed_sessions)
    .where(closed_sessions.c.session_id > bindparam("after"))
    .order_by(closed_sessions.c.session_id)
    .limit(bindparam("limit"))
)
_CLOSE: Final = text("""
    INSERT INTO closed_sessions (session_id, clerk_id, status, closed_at)
    SELECT s.session_id, s.clerk_id, s.status, clock_timestamp()
    FROM unnest(CAST(:session_ids AS text[]), CAST(:clerk_ids AS text[]),
                CAST(:statuses AS text[])) AS s(session_id, clerk_id, status)
    ON CONFLICT DO NOTHING
""")


async def load_closed_sessions(
    connection: AsyncConnection, session_ids: Sequence[str]
) -> dict[str, StoredSession]:
    """Return those of the sessions that are known to be over."""
    found = await connection.execute(_LOAD, {"session_ids": list(session_ids)})
    return {row.session_id: StoredSession(*row) for row in found}


async def list_closed_sessions(
    connection: AsyncConnection, *, after: str, limit: int
) -> list[StoredSession]:
    """Return sessions that are over in the order of their ids, from behind ``after``."""
    found = await connection.execute(_LIST, {"after": after, "limit": limit})
    return [
        StoredSession(
            row.session_id, user_id=row.clerk_id, status=row.status, closed_at=row.closed_at
        )
        for row in found
    ]


async def close_sessions(
    connection: AsyncConnection, burials: Sequence[Burial[ClosedSession]]
) -> None:
    """Note that sessions are over; the first end counts, and none opens again."""
    ends = [burial.last for burial in burials if burial.last is not None]
    await connection.execute(
        _CLOSE,
        {
            "session_ids": [end.clerk_id for end in ends],
            "clerk_ids": [end.user_id for end in ends],
            "statuses": [end.status for end in ends],
        },
    )


async def session_is_closed(connection: AsyncConnection, session_id: str) -> bool:
    """Tell whether the session is over."""
    return (await connection.execute(_CLOSED, {"session_id": session_id})).first() is not None
