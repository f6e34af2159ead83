"""Statements about runs of ``reconcile`` and ``backfill``, and who may run now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import repair_runs

__all__ = [
    "RepairRun",
    "finish_run",
    "latest_runs",
    "note_progress",
    "open_run",
    "start_run",
    "try_to_be_the_only_one",
]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RepairRun:
    """One run; unfinished while ``finished_at`` is none."""

    run_id: str
    kind: str
    progress: Json
    started_at: datetime
    touched_at: datetime
    finished_at: datetime | None


_COLUMNS: Final = [repair_runs.c[name] for name in RepairRun.__dataclass_fields__]
_OPEN: Final = select(*_COLUMNS).where(
    repair_runs.c.kind == bindparam("kind"), repair_runs.c.finished_at.is_(None)
)
_LATEST: Final = (
    text(f"""
        SELECT DISTINCT ON (kind) {", ".join(RepairRun.__dataclass_fields__)}
        FROM repair_runs ORDER BY kind, started_at DESC
    """)  # noqa: S608 - the names are our own
).columns(*_COLUMNS)
_ONLY_ONE: Final = text("SELECT pg_try_advisory_lock(hashtextextended('clerk_sync.repair', 0))")


async def try_to_be_the_only_one(connection: AsyncConnection) -> bool:
    """Take the lock of repairs, which this connection holds until it is closed.

    Returns:
        False when another process repairs.
    """
    return bool((await connection.execute(_ONLY_ONE)).scalar_one())


async def open_run(connection: AsyncConnection, kind: str) -> RepairRun | None:
    """Return the run of a kind that has not come to its end."""
    found = (await connection.execute(_OPEN, {"kind": kind})).one_or_none()
    return RepairRun(*found) if found else None


async def latest_runs(connection: AsyncConnection) -> list[RepairRun]:
    """Return the run of each kind that began last."""
    return [RepairRun(*found) for found in await connection.execute(_LATEST)]


async def start_run(connection: AsyncConnection, run_id: str, kind: str, progress: Json) -> None:
    """Begin a run; one of the kind that is unfinished makes this fail."""
    now = func.clock_timestamp()
    await connection.execute(
        insert(repair_runs).values(
            run_id=run_id, kind=kind, progress=progress, started_at=now, touched_at=now
        )
    )


async def note_progress(connection: AsyncConnection, run_id: str, progress: Json) -> None:
    """Note how far a run has come."""
    await connection.execute(
        update(repair_runs)
        .where(repair_runs.c.run_id == run_id)
        .values(progress=progress, touched_at=func.clock_timestamp())
    )


async def finish_run(connection: AsyncConnection, run_id: str) -> None:
    """Note that a run has come to its end, or is given up."""
    now = func.clock_timestamp()
    await connection.execute(
        update(repair_runs)
        .where(repair_runs.c.run_id == run_id, repair_runs.c.finished_at.is_(None))
        .values(finished_at=now, touched_at=now)
    )
