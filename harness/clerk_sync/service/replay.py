"""Brings dead letters back."""

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import NotFoundError
from clerk_sync.states import Event, next_state
from clerk_sync.store.inbox import lock_row, write_row
from clerk_sync.store.session import transaction

__all__ = ["replay"]


async def replay(engine: AsyncEngine, svix_id: str) -> None:
    """Receive a dead webhook again, with all its attempts before it.

    Raises:
        NotFoundError: The inbox has no such webhook.
        IllegalTransitionError: It is not dead.
    """
    async with transaction(engine) as connection:
        row = await lock_row(connection, svix_id, wait=True)
        if row is None:
            raise NotFoundError("the inbox has no such webhook", reason="webhook_unknown")
        await write_row(
            connection,
            row,
            state=next_state(row.state, Event.REPLAY),
            attempts=0,
            wakes=0,
            claimable_in_s=0,
            wake_in_s=0,
        )
