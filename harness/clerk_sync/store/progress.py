"""Statements about how the work goes, for the metrics and for readiness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import OPEN_STATES, State
from clerk_sync.store.effects import EffectKind
from clerk_sync.store.models import inbox, repair_runs

__all__ = ["Backlog", "Drift", "Welcomes", "backlog", "count_welcomes", "last_drift"]

UNHEEDED_WAKES: Final = 3
"""Woken for so often, and nobody has come: the workers do not hear."""
SETTLED_S: Final = 60
"""No transaction lasts so long: what is older has no predecessor that is yet to be seen."""
PAGE_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that is left.

    Attributes:
        depth: Webhooks that are neither finished nor dead.
        oldest_age_s: Age of the oldest of them in seconds, 0 without any.
        dead: Webhooks that were given up.
        unheeded: Webhooks that workers were woken for several times without any coming.
        unswept_s: For how many seconds the sweeper should have woken somebody and has not.
    """

    depth: int
    oldest_age_s: float
    dead: int
    unheeded: int
    unswept_s: float


@dataclass(frozen=True, slots=True)
class Welcomes:
    """How many users were welcomed, as far as this is settled and beyond.

    Attributes:
        upto: The effect up to which ``settled`` counts.
        settled: Welcomes up to there, which no transaction can add to any more.
        recent: Welcomes after it.
    """

    upto: int = 0
    settled: int = 0
    recent: int = 0


@dataclass(frozen=True, slots=True)
class Drift:
    """What the last finished reconcile found: kind of difference → how many."""

    found: Mapping[str, int]
    finished_at: datetime


_OPEN: Final = inbox.c.state.in_([state.value for state in sorted(OPEN_STATES)])
_NOW: Final = func.clock_timestamp()
_DEAD: Final = select(func.count()).where(inbox.c.state == State.DEAD.value).scalar_subquery()
_BACKLOG: Final = select(
    func.count(),
    func.coalesce(func.extract("epoch", _NOW - func.min(inbox.c.received_at)), 0),
    # Of its own, for an index knows the open ones and another the dead ones.
    _DEAD,
    func.count().filter(
        inbox.c.state == State.RECEIVED.value, inbox.c.wakes >= bindparam("unheeded")
    ),
    func.greatest(func.coalesce(func.extract("epoch", _NOW - func.min(inbox.c.wake_at)), 0), 0),
).where(_OPEN)
_WELCOMES: Final = text("""
    WITH page AS (
        SELECT seq, kind = :kind AS counts,
               created_at < clock_timestamp() - make_interval(secs => :settled_s) AS settled
        FROM effects WHERE seq > :after ORDER BY seq LIMIT :limit),
    edge AS (
        SELECT COALESCE(min(seq) FILTER (WHERE NOT settled) - 1, max(seq), :after) AS upto,
               count(*) = :limit AS more
        FROM page)
    SELECT upto, more, count(*) FILTER (WHERE counts AND seq <= upto),
           count(*) FILTER (WHERE counts AND seq > upto)
    FROM edge LEFT JOIN page ON true GROUP BY upto, more
""")

_DRIFT: Final = (
    select(repair_runs.c.progress, repair_runs.c.finished_at)
    .where(repair_runs.c.kind == "reconcile", repair_runs.c.finished_at.is_not(None))
    .order_by(repair_runs.c.finished_at.desc())
    .limit(1)
)


async def backlog(connection: AsyncConnection) -> Backlog:
    """Return how much work is left."""
    found = await connection.execute(_BACKLOG, {"unheeded": UNHEEDED_WAKES})
    depth, oldest, dead, unheeded, unswept = found.one()
    return Backlog(depth, float(oldest), dead, unheeded, float(unswept))


async def count_welcomes(connection: AsyncConnection, known: Welcomes) -> Welcomes:
    """Count on from what is known; the first time it reads every effect there ever was.

    Whoever counts comes to the same number, whenever they began.
    """
    upto, settled = known.upto, known.settled
    while True:
        found = await connection.execute(
            _WELCOMES,
            {
                "kind": EffectKind.WELCOME.value,
                "settled_s": float(SETTLED_S),
                "after": upto,
                "limit": PAGE_ROWS,
            },
        )
        edge, more, before, recent = found.one()
        if not more or edge == upto:
            return Welcomes(upto=edge, settled=settled + before, recent=recent)
        upto, settled = edge, settled + before


async def last_drift(connection: AsyncConnection) -> Drift | None:
    """Return what the last finished reconcile found; ``None`` when none ever finished."""
    found = (await connection.execute(_DRIFT)).first()
    if found is None:
        return None
    progress, finished_at = found
    drift = progress.get("drift") if isinstance(progress, dict) else None
    counts = drift if isinstance(drift, dict) else {}
    return Drift({str(kind): n for kind, n in counts.items() if isinstance(n, int)}, finished_at)
