"""Statements of the sweeper: who is to be woken for, and when again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import OPEN_STATES
from clerk_sync.store.inbox import COLUMNS, InboxRow, read_record
from clerk_sync.store.models import inbox

__all__ = ["lock_due", "note_wakes", "wake_again_now"]

MOST_WAKES: Final = 30
"""Where counting stops, for the pause has long reached its limit."""

_OPEN: Final = inbox.c.state.in_([state.value for state in sorted(OPEN_STATES)])
_DUE: Final = (
    select(*COLUMNS)
    .where(_OPEN, inbox.c.wake_at <= func.clock_timestamp())
    .order_by(inbox.c.wake_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


async def lock_due(connection: AsyncConnection, *, limit: int) -> list[InboxRow]:
    """Return open webhooks that somebody should be woken for, locked, longest overdue first."""
    return [read_record(found) for found in await connection.execute(_DUE, {"limit": limit})]


async def note_wakes(
    connection: AsyncConnection,
    rows: Sequence[InboxRow],
    *,
    first_pause_s: float,
    longest_pause_s: float,
) -> None:
    """Note that somebody is woken for these, and when to wake again; the pause doubles."""
    pause = func.least(longest_pause_s, first_pause_s * func.power(2.0, inbox.c.wakes))
    await connection.execute(
        update(inbox)
        .where(inbox.c.seq.in_([row.seq for row in rows]))
        .values(
            wakes=func.least(inbox.c.wakes + 1, MOST_WAKES),
            wake_at=func.clock_timestamp() + pause * timedelta(seconds=1),
        )
    )


async def wake_again_now(connection: AsyncConnection, rows: Sequence[InboxRow]) -> None:
    """Take ``note_wakes`` back: nobody could be woken."""
    await connection.execute(
        update(inbox)
        .where(inbox.c.seq.in_([row.seq for row in rows]), inbox.c.wakes > 0)
        .values(wakes=inbox.c.wakes - 1, wake_at=func.clock_timestamp())
    )
