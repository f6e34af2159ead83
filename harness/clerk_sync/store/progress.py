"""Statements about how the work goes, for the metrics."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import OPEN_STATES, State
from clerk_sync.store.models import inbox

__all__ = ["Backlog", "backlog", "processing_times"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that is left.

    Attributes:
        depth: Webhooks that are neither finished nor dead.
        oldest_age_s: Age of the oldest of them in seconds, 0 without any.
        dead: Webhooks that were given up.
    """

    depth: int
    oldest_age_s: float
    dead: int


_OPEN: Final = inbox.c.state.in_([state.value for state in sorted(OPEN_STATES)])
_BACKLOG: Final = select(
    func.count().filter(_OPEN),
    func.coalesce(
        func.extract("epoch", func.clock_timestamp() - func.min(inbox.c.received_at).filter(_OPEN)),
        0,
    ),
    func.count().filter(inbox.c.state == State.DEAD.value),
).where(inbox.c.state.in_([state.value for state in sorted(OPEN_STATES | {State.DEAD})]))
_TIMES: Final = (
    select(inbox.c.applied_at, inbox.c.received_at)
    .where(inbox.c.applied_at > bindparam("since"))
    .order_by(inbox.c.applied_at)
    .limit(bindparam("limit"))
)


async def backlog(connection: AsyncConnection) -> Backlog:
    """Return how much work is left."""
    depth, oldest, dead = (await connection.execute(_BACKLOG)).one()
    return Backlog(depth=depth, oldest_age_s=float(oldest), dead=dead)


async def processing_times(
    connection: AsyncConnection, *, since: datetime, limit: int
) -> list[tuple[datetime, float]]:
    """Return when webhooks were applied and the seconds it took since they were received."""
    found = await connection.execute(_TIMES, {"since": since, "limit": limit})
    return [(applied, (applied - received).total_seconds()) for applied, received in found]
