"""Statements about users who came while registration was closed."""

from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import users

__all__ = ["admit_next", "admit_one", "count_waiting", "open_initially"]

_COUNT: Final = select(func.count()).select_from(users).where(~users.c.admitted, users.c.active)
_ADMIT_ONE: Final = text("""
    UPDATE users SET admitted = true WHERE clerk_id = :clerk_id AND NOT admitted
    RETURNING clerk_id, active
""")
_ADMIT_NEXT: Final = text("""
    UPDATE users SET admitted = true
    WHERE clerk_id IN (SELECT clerk_id FROM users WHERE NOT admitted
                       ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING clerk_id, active
""")
_INITIALLY: Final = text("""
    INSERT INTO switches (name, open, changed_at, changed_by)
    VALUES (:name, :open, clock_timestamp(), 'configuration') ON CONFLICT DO NOTHING
""")


async def count_waiting(connection: AsyncConnection) -> int:
    """Return how many living users are not let in."""
    counted: int = (await connection.execute(_COUNT)).scalar_one()
    return counted


async def admit_one(connection: AsyncConnection, clerk_id: str) -> list[tuple[str, bool]]:
    """Let one user in.

    Returns:
        Who was let in, with whether they are alive; nobody when they were not waiting.
    """
    found = await connection.execute(_ADMIT_ONE, {"clerk_id": clerk_id})
    return [(row.clerk_id, row.active) for row in found]


async def admit_next(connection: AsyncConnection, *, limit: int) -> list[tuple[str, bool]]:
    """Let in those who have waited longest; whoever is being written waits for the next call.

    Returns:
        Who was let in, with whether they are alive.
    """
    found = await connection.execute(_ADMIT_NEXT, {"limit": limit})
    return [(row.clerk_id, row.active) for row in found]


async def open_initially(connection: AsyncConnection, name: str, *, is_open: bool) -> None:
    """Set a switch that nobody ever turned."""
    await connection.execute(_INITIALLY, {"name": name, "open": is_open})
