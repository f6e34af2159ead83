"""Statements that bring webhooks back, many at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import State
from clerk_sync.store.models import inbox

__all__ = ["Selection", "count_by_state", "count_selected", "receive_again"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which webhooks are meant.

    Attributes:
        states: Only in one of these.
        event_type: Only of this type; empty for all.
        since: Only those that were received at this time or later.
        until_seq: None that arrived after this one, so that a replay has an end.
    """

    states: Collection[State]
    event_type: str = ""
    since: datetime | None = None
    until_seq: int | None = None


def _conditions(selection: Selection) -> list[object]:
    found: list[object] = [inbox.c.state.in_([state.value for state in sorted(selection.states)])]
    if selection.event_type:
        found.append(inbox.c.event_type == selection.event_type)
    if selection.since is not None:
        found.append(inbox.c.received_at >= selection.since)
    if selection.until_seq is not None:
        found.append(inbox.c.seq <= selection.until_seq)
    return found


async def count_selected(
    connection: AsyncConnection, selection: Selection
) -> tuple[dict[str, int], int]:
    """Return how many webhooks are meant, by type, and the last of them."""
    statement = (
        select(inbox.c.event_type, func.count(), func.max(inbox.c.seq))
        .where(*_conditions(selection))  # type: ignore[arg-type]  # SQLAlchemy's elements
        .group_by(inbox.c.event_type)
        .order_by(inbox.c.event_type)
    )
    rows = [tuple(row) for row in await connection.execute(statement)]
    return {name: count for name, count, _ in rows}, max((last for *_, last in rows), default=0)


async def receive_again(
    connection: AsyncConnection, selection: Selection, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """Receive the next webhooks again, with all their attempts before them, in order of arrival.

    Args:
        connection: In a transaction.
        selection: Which ones.
        after: Behind this one.
        limit: At most so many.

    Returns:
        Their numbers and ids; those that somebody works on are left out.
    """
    chosen = (
        select(inbox.c.seq)
        .where(inbox.c.seq > after, *_conditions(selection))  # type: ignore[arg-type]  # the same
        .order_by(inbox.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    now = func.clock_timestamp()
    statement = (
        update(inbox)
        .where(inbox.c.seq == chosen.c.seq)
        .values(state=State.RECEIVED.value, attempts=0, wakes=0, claimable_at=now, wake_at=now)
        .returning(inbox.c.seq, inbox.c.svix_id)
    )
    return sorted((seq, svix_id) for seq, svix_id in await connection.execute(statement))


_BY_STATE: Final = text("SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state")


async def count_by_state(connection: AsyncConnection) -> dict[str, int]:
    """Return how many webhooks are in each state; reads the whole inbox."""
    return dict((await connection.execute(_BY_STATE)).tuples().all())
