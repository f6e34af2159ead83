"""Statements about the switches that an operator turns while the service runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import switches

__all__ = ["REGISTRATION", "Switch", "read_switch", "turn_switch"]

REGISTRATION: Final = "registration"


@dataclass(frozen=True, slots=True)
class Switch:
    """How a switch stands, and who turned it when."""

    open: bool
    changed_at: datetime
    changed_by: str


_READ: Final = select(switches.c.open, switches.c.changed_at, switches.c.changed_by).where(
    switches.c.name == bindparam("name")
)


async def read_switch(connection: AsyncConnection, name: str) -> Switch | None:
    """Return how a switch stands; ``None`` for one that nobody ever turned."""
    found = (await connection.execute(_READ, {"name": name})).one_or_none()
    return Switch(*found) if found else None


async def turn_switch(
    connection: AsyncConnection, name: str, *, is_open: bool, changed_by: str
) -> None:
    """Turn a switch, in a transaction of the caller."""
    statement = upsert(switches).values(
        name=name, open=is_open, changed_at=func.clock_timestamp(), changed_by=changed_by
    )
    new = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[switches.c.name],
            set_={
                "open": new.open,
                "changed_at": new.changed_at,
                "changed_by": new.changed_by,
            },
        )
    )
