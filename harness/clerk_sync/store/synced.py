"""Statements that all records but users have in common: load, save, bury and list, many at once.

A record's row is the record as Clerk tells it and, around it, the books of ``_BOOKS``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Integer,
    Row,
    Table,
    Text,
    TextClause,
    bindparam,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.writes import Burial, Write

__all__ = ["Json", "SyncedTable"]

Json: TypeAlias = dict[str, Any]


class _Profile(Protocol):
    @property
    def clerk_id(self) -> str: ...


P = TypeVar("P", bound=_Profile)
S = TypeVar("S", bound=_Profile)

_BOOKS: Final = frozenset({"seq", "active", "deleted_at", "applied_svix_id"})
_ELEMENTS: Final = ((BigInteger, "bigint"), (Integer, "integer"), (Text, "text"), (JSON, "text"))
"""In what the columns travel; ``BigInteger`` is an ``Integer``, too."""

_LIVING: Final = "true, NULL"
_DEAD: Final = "false, clock_timestamp()"


@dataclass(frozen=True, slots=True)
class _Insert:
    """A row on its way: what Clerk says of the record, as far as anything, and who says so."""

    values: Mapping[str, Any]
    source: str


class SyncedTable(Generic[P, S]):
    """The table of one kind of record.

    Args:
        table: With the columns of ``stored``.
        stored: What a row is made into: a frozen dataclass with the fields of the profile, and
            ``seq``, ``active``, ``deleted_at`` and ``applied_svix_id``. Lists come as tuples.
    """

    def __init__(self, table: Table, stored: type[S]) -> None:
        names = [spec.name for spec in fields(stored)]  # type: ignore[arg-type]  # a dataclass
        self._stored = stored
        self._said = [name for name in names if name not in _BOOKS]
        self._json = frozenset(name for name in names if isinstance(table.c[name].type, JSON))
        columns = [table.c[name] for name in names]
        wanted = bindparam("clerk_ids", type_=ARRAY(Text))
        self._load = select(*columns).where(table.c.clerk_id == wanted.any_())
        self._list = (
            select(*columns)
            .where(table.c.seq > bindparam("after"))
            .order_by(table.c.seq)
            .limit(bindparam("limit"))
        )
        self._save = self._insert(table, _LIVING, _replacing([*self._said, "deleted_at"]))
        # What is known of a record outlives it.
        self._bury = self._insert(
            table, _DEAD, f"deleted_at = coalesce({table.name}.deleted_at, excluded.deleted_at)"
        )

    async def load(self, connection: AsyncConnection, clerk_ids: Sequence[str]) -> dict[str, S]:
        """Return those of these records that there are, tombstones included, by their ids."""
        found = await connection.execute(self._load, {"clerk_ids": list(clerk_ids)})
        records = map(self._record, found)
        return {record.clerk_id: record for record in records}

    async def page(self, connection: AsyncConnection, *, after: int, limit: int) -> list[S]:
        """Return records, tombstones included, in the order they came, from behind ``after``."""
        found = await connection.execute(self._list, {"after": after, "limit": limit})
        return [self._record(row) for row in found]

    async def save(self, connection: AsyncConnection, writes: Sequence[Write[P, S]]) -> None:
        """Insert or replace living records; their ids are locked, and none is a tombstone."""
        rows = [_Insert(self._values(write.profile), write.source) for write in writes]
        await self._execute(connection, self._save, rows)

    async def bury(self, connection: AsyncConnection, burials: Sequence[Burial[P]]) -> None:
        """Turn records into tombstones, which keep what was known; also records never seen."""
        rows = [
            _Insert(
                {"clerk_id": burial.clerk_id} if burial.last is None else self._values(burial.last),
                burial.source,
            )
            for burial in burials
        ]
        await self._execute(connection, self._bury, rows)

    def _values(self, profile: P | S) -> dict[str, Any]:
        return {name: getattr(profile, name) for name in self._said if hasattr(profile, name)}

    def _record(self, row: Row[Any]) -> S:
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented public name
        for name in self._json:
            if isinstance(values[name], list):
                values[name] = tuple(values[name])
        return self._stored(**values)

    def _insert(self, table: Table, books: str, replacing: str) -> TextClause:
        """Return the statement that inserts rows, or changes those that are there."""
        columns = ", ".join(f'"{name}"' for name in self._said)
        given = ", ".join(
            f'CAST("{name}" AS json)' if name in self._json else f'"{name}"' for name in self._said
        )
        arrays = ", ".join(f"CAST(:{name} AS {_element(table.c[name])}[])" for name in self._said)
        return text(f"""
            INSERT INTO {table.name} ({columns}, active, deleted_at, applied_svix_id)
            SELECT {given}, {books}, source
            FROM unnest({arrays}, CAST(:source AS text[])) AS given({columns}, source)
            ON CONFLICT (clerk_id) DO UPDATE
            SET {replacing}, active = excluded.active, applied_svix_id = excluded.applied_svix_id
        """)  # noqa: S608 - made of our own columns' names

    async def _execute(
        self, connection: AsyncConnection, statement: TextClause, rows: Sequence[_Insert]
    ) -> None:
        if not rows:
            return
        values: dict[str, list[Any]] = {
            name: [self._sent(name, row.values.get(name)) for row in rows] for name in self._said
        }
        await connection.execute(statement, {**values, "source": [row.source for row in rows]})

    def _sent(self, name: str, value: Any) -> Any:
        return json.dumps(value) if name in self._json and value is not None else value


def _replacing(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "clerk_id")


def _element(column: Column[Any]) -> str:
    return next(name for kind, name in _ELEMENTS if isinstance(column.type, kind))
