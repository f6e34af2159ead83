"""Statements about the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.states import CLAIMABLE, State
from clerk_sync.store.models import inbox

__all__ = [
    "COLUMNS",
    "Claimed",
    "InboxRow",
    "Settlement",
    "claim_rows",
    "find_lost",
    "list_rows",
    "lock_row",
    "read_record",
    "read_row",
    "settle_rows",
    "write_row",
]


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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A webhook that a worker works on; it is the worker's while ``attempts`` stays the same."""

    seq: int
    svix_id: str
    event_type: str
    payload: str
    attempts: int
    waited_s: float
    """From its first commit to this claim, in seconds."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed webhook.

    Attributes:
        claimed: Which one, and by which claim.
        state: The state it goes to.
        applied: Whether this transaction applies it: that is counted, and its error forgotten.
        error: What went wrong.
        again_in_s: From when on a worker may claim it again, seconds from now.
    """

    claimed: Claimed
    state: State
    applied: bool = False
    error: str | None = None
    again_in_s: float | None = None


# Written out, so that Postgres sees that the index of open webhooks has all of them.
_CLAIMABLE: Final = f"state IN ({', '.join(repr(state.value) for state in sorted(CLAIMABLE))})"
_CLAIM: Final = text(f"""
    WITH named AS (
        SELECT seq FROM inbox
        WHERE svix_id = ANY(CAST(:svix_ids AS text[])) AND {_CLAIMABLE}
          AND claimable_at <= clock_timestamp()
        ORDER BY seq FOR UPDATE SKIP LOCKED),
    more AS (
        SELECT seq FROM inbox
        WHERE {_CLAIMABLE} AND claimable_at <= clock_timestamp()
        ORDER BY wake_at LIMIT :more FOR UPDATE SKIP LOCKED)
    UPDATE inbox
    SET state = :state, attempts = inbox.attempts + 1, wakes = 0,
        claimable_at = statement_timestamp() + CAST(:lease AS interval),
        wake_at = statement_timestamp() + CAST(:lease AS interval)
    FROM (SELECT seq FROM named UNION SELECT seq FROM more) AS due
    WHERE inbox.seq = due.seq
    RETURNING inbox.seq, inbox.svix_id, inbox.event_type, inbox.payload, inbox.attempts,
              CAST(extract(epoch FROM statement_timestamp() - inbox.received_at)
                   AS double precision)
""")  # noqa: S608 - our own states
_LOST: Final = text("""
    SELECT svix_id FROM inbox
    WHERE svix_id = ANY(CAST(:svix_ids AS text[])) AND state = :state
      AND claimable_at <= clock_timestamp()
    ORDER BY seq
""")
_SETTLE: Final = text("""
    UPDATE inbox
    SET state = s.state,
        applications = inbox.applications + CASE WHEN s.applied THEN 1 ELSE 0 END,
        applied_at = CASE WHEN s.applied THEN statement_timestamp() ELSE inbox.applied_at END,
        last_error = CASE WHEN s.applied THEN NULL ELSE coalesce(s.error, inbox.last_error) END,
        claimable_at = coalesce(s.again_at, inbox.claimable_at),
        wake_at = coalesce(s.again_at, inbox.wake_at)
    FROM (SELECT seq, attempts, state, applied, error,
                 statement_timestamp() + make_interval(secs => again_in_s) AS again_at
          FROM unnest(CAST(:seqs AS bigint[]), CAST(:attempts AS integer[]),
                      CAST(:states AS text[]), CAST(:applied AS boolean[]),
                      CAST(:errors AS text[]), CAST(:pauses AS double precision[]))
               AS sent(seq, attempts, state, applied, error, again_in_s)) AS s
    WHERE inbox.seq = s.seq AND inbox.state = :held AND inbox.attempts = s.attempts
    RETURNING inbox.seq
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


async def claim_rows(
    connection: AsyncConnection, svix_ids: Sequence[str], *, lease_s: float, more: int = 0
) -> list[Claimed]:
    """Claim those of the webhooks that are due, in the order of their arrival.

    What another worker claimed is left out, also when its lease ran out: see ``find_lost``.

    Args:
        connection: In a transaction of the caller.
        svix_ids: Which.
        lease_s: For how many seconds.
        more: So many others that are due may be among them, those that waited longest.
    """
    found = await connection.execute(
        _CLAIM,
        {
            "state": State.APPLYING.value,
            "svix_ids": list(svix_ids),
            "more": more,
            "lease": timedelta(seconds=lease_s),
        },
    )
    return sorted((Claimed(*row) for row in found), key=lambda claimed: claimed.seq)


async def find_lost(connection: AsyncConnection, svix_ids: Sequence[str]) -> list[str]:
    """Return those of the webhooks whose worker did not end its work in time."""
    found = await connection.execute(
        _LOST, {"svix_ids": list(svix_ids), "state": State.APPLYING.value}
    )
    return list(found.scalars())


async def settle_rows(
    connection: AsyncConnection, settlements: Sequence[Settlement]
) -> frozenset[int]:
    """Let claimed webhooks go on, as far as their claims still hold.

    Returns:
        The ``seq`` of those that did.
    """
    found = await connection.execute(
        _SETTLE,
        {
            "held": State.APPLYING.value,
            "seqs": [each.claimed.seq for each in settlements],
            "attempts": [each.claimed.attempts for each in settlements],
            "states": [each.state.value for each in settlements],
            "applied": [each.applied for each in settlements],
            "errors": [each.error for each in settlements],
            "pauses": [each.again_in_s for each in settlements],
        },
    )
    return frozenset(found.scalars())
