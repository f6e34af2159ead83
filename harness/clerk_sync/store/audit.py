"""The audit log: who changed what and when; written in the transaction of the change itself.

A record is stored as a hash, so the log holds nobody's data and still proves which version was
there. Anybody can recompute one. Take what Clerk says of the record (all its fields but ``OWN``,
which are the service's), and of it the SHA-256 of its JSON in UTF-8 with sorted keys and without
spaces::

    json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

No record, or the tombstone of one, has no hash. What an entry calls ``after`` the next entry of
the same subject calls ``before``; where they differ, somebody went past the service.

Triggers refuse UPDATE, DELETE and TRUNCATE, also for the table's owner. A superuser can switch
triggers off, so the service's own role should be none.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import audit_log

__all__ = [
    "OWN",
    "AuditEntry",
    "AuditRow",
    "add_entries",
    "canonical_json",
    "list_entries",
    "seconds_since",
]

OWN: Final = frozenset(
    {"seq", "active", "admitted", "deleted_at", "applied_svix_id", "former_keys"}
)
"""Fields of a stored record that Clerk does not know; they are not hashed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change that was made.

    Attributes:
        actor: ``clerk``, ``operator:<token fingerprint>``, ``user:<clerk id>`` or ``repair``.
        action: What was done, e.g. ``user.updated`` or ``inbox.replay``.
        subject: To what, e.g. ``user:user_2x…``.
        before: The record before, a dataclass or a mapping; ``None`` where there was none.
        after: The same afterwards.
        request_id: The svix id, the X-Request-Id or the id of the run.
    """

    actor: str
    action: str
    subject: str
    before: object | None
    after: object | None
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as the log holds it; the hashes are raw SHA-256."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    before_hash: bytes | None
    after_hash: bytes | None
    request_id: str


_INSERT: Final = text("""
    INSERT INTO audit_log (actor, action, subject, before_hash, after_hash, request_id)
    SELECT * FROM unnest(CAST(:actors AS text[]), CAST(:actions AS text[]),
                         CAST(:subjects AS text[]), CAST(:befores AS bytea[]),
                         CAST(:afters AS bytea[]), CAST(:request_ids AS text[]))
""")
_ROWS: Final = (
    select(*[audit_log.c[name] for name in AuditRow.__dataclass_fields__])
    .where(audit_log.c.seq > bindparam("after"))
    .order_by(audit_log.c.seq)
    .limit(bindparam("limit"))
)
_AGE: Final = text("""
    SELECT CASE WHEN after_hash = CAST(:hash AS bytea)
                THEN CAST(extract(epoch FROM clock_timestamp() - at) AS double precision) END
    FROM audit_log WHERE subject = :subject ORDER BY seq DESC LIMIT 1
""")
_ROWS_OF_ONE: Final = _ROWS.where(audit_log.c.subject == bindparam("subject"))


async def add_entries(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> None:
    """Write entries in their order, in one statement.

    Args:
        connection: In the transaction that makes the changes.
        entries: May be none.
    """
    if not entries:
        return
    await connection.execute(
        _INSERT,
        {
            "actors": [entry.actor for entry in entries],
            "actions": [entry.action for entry in entries],
            "subjects": [entry.subject for entry in entries],
            "befores": [_hash(entry.before) for entry in entries],
            "afters": [_hash(entry.after) for entry in entries],
            "request_ids": [entry.request_id for entry in entries],
        },
    )


async def list_entries(
    connection: AsyncConnection, *, after: int, limit: int, subject: str | None = None
) -> list[AuditRow]:
    """Return entries in their order, from behind ``after``; of one subject, or of all."""
    values: dict[str, Any] = {"after": after, "limit": limit}
    if subject is None:
        found = await connection.execute(_ROWS, values)
    else:
        found = await connection.execute(_ROWS_OF_ONE, values | {"subject": subject})
    return [AuditRow(*row) for row in found]


async def seconds_since(connection: AsyncConnection, subject: str, record: object) -> float | None:
    """Return how long ago, by Postgres' clock, the service wrote this record as it is.

    Returns:
        ``None``: what the log has last of the subject is not this, so somebody else wrote it.
    """
    found = await connection.execute(_AGE, {"subject": subject, "hash": _hash(record)})
    return found.scalar_one_or_none()


def canonical_json(record: object) -> bytes:
    """Return the bytes whose SHA-256 stands for a record, a dataclass or a mapping."""
    try:
        # There and back: orjson sorts the keys of mappings, and not the fields of dataclasses.
        document = _shared(orjson.loads(orjson.dumps(record)))
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Clerk's metadata may hold what orjson does not write, like integers of 80 bits.
        document = _shared(asdict(record) if is_dataclass(record) else dict(record))  # type: ignore[call-overload, arg-type]  # as the signature's words say
        line = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return line.encode("utf-8", "surrogatepass")


def _hash(record: object | None) -> bytes | None:
    if record is None or getattr(record, "active", True) is False:
        return None
    return sha256(canonical_json(record)).digest()


def _shared(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is the service's own."""
    return {name: value for name, value in document.items() if name not in OWN}
