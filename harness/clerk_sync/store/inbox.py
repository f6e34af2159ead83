"""Statements about the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import State
from clerk_sync.store.models import inbox

__all__ = [
    "COLUMNS",
    "Delivery",
    "InboxRow",
    "insert_deliveries",
    "list_rows",
    "lock_row",
    "read_record",
    "read_row",
    "write_row",
]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook on its way into the inbox."""

    svix_id: str
    event_type: str
    clerk_id: str | None
    payload: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One webhook as the inbox holds it; ``due`` means that a worker may claim it by now."""

    seq: int
    svix_id: str
    event_type: str
    clerk_id: str | None
    payload: str
    state: State
    attempts: int
    applications: int
    deliveries: int
    received_at: datetime
    applied_at: datetime | None
    last_error: str | None
    wakes: int
    due: bool


_INSERT: Final = text("""
    INSERT INTO inbox (svix_id, event_type, clerk_id, payload, state, attempts, applications,
                       deliveries, received_at, claimable_at, wake_at, wakes)
    SELECT d.svix_id, d.event_type, d.clerk_id, d.payload, :state, 0, 0, d.deliveries, n.now, n.now,
           n.now + make_interval(secs => CAST(:sweep_after_s AS double precision)), 0
    FROM unnest(CAST(:svix_ids AS text[]), CAST(:event_types AS text[]),
                CAST(:clerk_ids AS text[]), CAST(:payloads AS text[]),
                CAST(:deliveries AS integer[]))
         AS d(svix_id, event_type, clerk_id, payload, deliveries),
         (SELECT clock_timestamp() AS now) AS n
    ON CONFLICT (svix_id) DO UPDATE SET deliveries = inbox.deliveries + excluded.deliveries
    RETURNING svix_id, xmax = 0 AS fresh
""")

COLUMNS: Final = [
    (inbox.c.claimable_at <= func.clock_timestamp()).label("due")
    if name == "due"
    else inbox.c[name]
    for name in InboxRow.__dataclass_fields__
]
_READ: Final = select(*COLUMNS).where(inbox.c.svix_id == bindparam("svix_id"))
_LOCK: Final = {True: _READ.with_for_update(), False: _READ.with_for_update(skip_locked=True)}
_LIST: Final = (
    select(*COLUMNS)
    .where(inbox.c.seq > bindparam("after"))
    .order_by(inbox.c.seq)
    .limit(bindparam("limit"))
)


def read_record(found: Row[Any]) -> InboxRow:
    """Make a record of a result row that has ``COLUMNS``."""
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's documented public name
    values["state"] = State(values["state"])
    return InboxRow(**values)


async def insert_deliveries(
    connection: AsyncConnection, deliveries: Sequence[Delivery], *, sweep_after_s: float
) -> set[str]:
    """Insert what is new and count what is not.

    Args:
        connection: In a transaction of the caller.
        deliveries: May hold the same id more than once.
        sweep_after_s: Age in seconds at which the sweeper looks after a row.

    Returns:
        The ids that were not in the inbox before.
    """
    counts: dict[str, int] = {}
    first: dict[str, Delivery] = {}
    for delivery in deliveries:
        counts[delivery.svix_id] = counts.get(delivery.svix_id, 0) + 1
        first.setdefault(delivery.svix_id, delivery)
    # Sorted, so that two processes that insert the same ids cannot deadlock.
    rows = [first[svix_id] for svix_id in sorted(first)]
    found = await connection.execute(
        _INSERT,
        {
            "state": State.RECEIVED.value,
            "sweep_after_s": sweep_after_s,
            "svix_ids": [row.svix_id for row in rows],
            "event_types": [row.event_type for row in rows],
            "clerk_ids": [row.clerk_id for row in rows],
            "payloads": [row.payload for row in rows],
            "deliveries": [counts[row.svix_id] for row in rows],
        },
    )
    return {svix_id for svix_id, fresh in found if fresh}


async def read_row(connection: AsyncConnection, svix_id: str) -> InboxRow | None:
    """Return one webhook."""
    found = (await connection.execute(_READ, {"svix_id": svix_id})).one_or_none()
    return read_record(found) if found else None


async def lock_row(connection: AsyncConnection, svix_id: str, *, wait: bool) -> InboxRow | None:
    """Return one webhook, locked.

    Args:
        connection: Holds the lock until its transaction ends.
        svix_id: Which one.
        wait: For whoever holds the lock; else ``None`` is returned in that case too.
    """
    found = (await connection.execute(_LOCK[wait], {"svix_id": svix_id})).one_or_none()
    return read_record(found) if found else None


async def write_row(  # noqa: PLR0913 - one optional column each; all but two are keyword-only
    connection: AsyncConnection,
    row: InboxRow,
    *,
    state: State,
    attempts: int | None = None,
    wakes: int | None = None,
    claimable_in_s: float | None = None,
    wake_in_s: float | None = None,
    error: str | None = None,
    applied: bool = False,
) -> None:
    """Change a locked webhook; what is not given stays.

    Args:
        connection: In the transaction that holds the lock.
        row: The webhook as it was locked.
        state: The state it goes to.
        attempts: How often a worker has claimed it.
        wakes: How often the sweeper has woken somebody for it since it last moved.
        claimable_in_s: From when on a worker may claim it, seconds from now.
        wake_in_s: From when on the sweeper wakes a worker for it, seconds from now.
        error: What went wrong.
        applied: This transaction applies it: count that, note the time, forget the error.
    """
    values: dict[str, Any] = {"state": state.value}
    if attempts is not None:
        values["attempts"] = attempts
    if wakes is not None:
        values["wakes"] = wakes
    if claimable_in_s is not None:
        values["claimable_at"] = func.clock_timestamp() + timedelta(seconds=claimable_in_s)
    if wake_in_s is not None:
        values["wake_at"] = func.clock_timestamp() + timedelta(seconds=wake_in_s)
    if error is not None:
        values["last_error"] = error
    if applied:
        values |= {
            "applications": inbox.c.applications + 1,
            "applied_at": func.clock_timestamp(),
            "last_error": None,
        }
    await connection.execute(update(inbox).where(inbox.c.seq == row.seq).values(values))


async def list_rows(connection: AsyncConnection, *, after: int, limit: int) -> list[InboxRow]:
    """Return webhooks in the order of their arrival, from behind ``after``."""
    return [
        read_record(found)
        for found in await connection.execute(_LIST, {"after": after, "limit": limit})
    ]
