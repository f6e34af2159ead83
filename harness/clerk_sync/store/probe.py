"""One row that proves Postgres takes and gives; it stands among the switches, and opens nothing."""

from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.switches import read_switch, turn_switch

__all__ = ["read_probe", "write_probe"]

NAME = "probe"


async def write_probe(connection: AsyncConnection, token: str) -> None:
    """Write the row."""
    await turn_switch(connection, NAME, is_open=True, changed_by=token)


async def read_probe(connection: AsyncConnection) -> str | None:
    """Return the token that was written last."""
    switch = await read_switch(connection, NAME)
    return switch.changed_by if switch else None
