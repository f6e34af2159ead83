"""Brings dead letters back."""

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import NotFoundError
from clerk_sync.states import Event, next_state
from clerk_sync.store.audit import AuditEntry, add_entries
from clerk_sync.store.inbox import lock_row, write_row
from clerk_sync.store.session import transaction

__all__ = ["replay"]


async def replay(engine: AsyncEngine, svix_id: str, *, actor: str, request_id: str) -> None:
    """Receive a dead webhook again, with all its attempts before it, and note who wanted it.

    Args:
        engine: Postgres.
        svix_id: Which webhook.
        actor: Who asks, for the audit log.
        request_id: By which request or run.

    Raises:
        NotFoundError: The inbox has no such webhook.
        IllegalTransitionError: It is not dead.
    """
    async with transaction(engine) as connection:
        row = await lock_row(connection, svix_id, wait=True)
        if row is None:
            raise NotFoundError("the inbox has no such webhook", reason="webhook_unknown")
        state = next_state(row.state, Event.REPLAY)
        await write_row(
            connection,
            row,
            state=state,
            attempts=0,
            wakes=0,
            claimable_in_s=0,
            wake_in_s=0,
        )
        entry = AuditEntry(
            actor=actor,
            action="inbox.replay",
            subject=f"webhook:{svix_id}",
            before={"state": row.state, "attempts": row.attempts},
            after={"state": state, "attempts": 0},
            request_id=request_id,
        )
        await add_entries(connection, [entry])
