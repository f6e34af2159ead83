"""What an instance knows: one table per noun, with the look-ups that the noun declares.

The tables know nothing of users or sessions. Each noun of ``model/`` declares a ``Noun``; a table
for it appears on first use.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, cast

from clerk_fake.changes import Changes

__all__ = ["Entity", "Noun", "State", "Table"]


class Entity(Protocol):
    """What can be kept in a table: an immutable value with an id and a time of creation."""

    @property
    def id(self) -> str:
        """The Clerk id."""

    @property
    def created_at(self) -> int:
        """When it was created, ms; orders the table."""


E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Noun(Generic[E]):
    """The declaration of a kind of entity.

    Attributes:
        name: Plural, as in paths and snapshots, e.g. ``users``.
        entity: The class, to read snapshots with.
        lookups: Name → the keys under which an entity can be found.
    """

    name: str
    entity: type[E]
    lookups: Mapping[str, Callable[[E], Iterable[str]]] = field(default_factory=dict)


class Table(Generic[E]):
    """All entities of one noun, by id, by look-up key and by age.

    Args:
        noun: What is kept, and how it is found.
        changes: Hears of every change.
    """

    def __init__(self, noun: Noun[E], changes: Changes | None = None) -> None:
        self.noun = noun
        self.changes = changes
        self._rows: dict[str, E] = {}
        self._arrivals: dict[str, int] = {}
        self._arrived = 0
        self._by_age: list[tuple[int, int, str]] = []
        self._found_by: dict[str, dict[str, list[str]]] = {name: {} for name in noun.lookups}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, entity_id: str) -> E | None:
        """Return the entity with this id, if there is one."""
        return self._rows.get(entity_id)

    def find(self, lookup: str, key: str) -> list[E]:
        """Return the entities that have ``key`` in ``lookup``, in order of arrival."""
        return [self._rows[row_id] for row_id in self._found_by[lookup].get(key, ())]

    def put(self, entity: E) -> None:
        """Add an entity, or replace the one with its id."""
        old = self._rows.get(entity.id)
        if old is None:
            self._arrived += 1
            self._arrivals[entity.id] = self._arrived
            insort(self._by_age, self._age(entity))
        else:
            self._forget_keys(old)
            if old.created_at != entity.created_at:
                self._drop_age(old)
                insort(self._by_age, self._age(entity))
        self._rows[entity.id] = entity
        for lookup, keys in self.noun.lookups.items():
            for key in keys(entity):
                self._found_by[lookup].setdefault(key, []).append(entity.id)
        if self.changes is not None:
            self.changes.put(self.noun.name, entity.id, entity)

    def remove(self, entity: E) -> None:
        """Take an entity out."""
        old = self._rows.pop(entity.id)
        self._forget_keys(old)
        self._drop_age(old)
        del self._arrivals[entity.id]
        if self.changes is not None:
            self.changes.remove(self.noun.name, entity.id)

    def oldest_first(self) -> Iterator[E]:
        """Yield all entities by time of creation, then by arrival."""
        return (self._rows[row_id] for _, _, row_id in self._by_age)

    def newest_first(self) -> Iterator[E]:
        """Yield all entities, the youngest first; flat in cost however many there are."""
        return (self._rows[row_id] for _, _, row_id in reversed(self._by_age))

    def _age(self, entity: E) -> tuple[int, int, str]:
        return (entity.created_at, self._arrivals[entity.id], entity.id)

    def _drop_age(self, entity: E) -> None:
        del self._by_age[bisect_left(self._by_age, self._age(entity))]

    def _forget_keys(self, entity: E) -> None:
        for lookup, keys in self.noun.lookups.items():
            index = self._found_by[lookup]
            for key in keys(entity):
                holders = index[key]
                holders.remove(entity.id)
                if not holders:
                    del index[key]


class State:
    """The tables of one instance."""

    def __init__(self) -> None:
        self._changes: Changes | None = None
        self._tables: dict[str, Table[Any]] = {}

    def record_to(self, changes: Changes) -> None:
        """Tell ``changes`` of every change from now on."""
        self._changes = changes
        for table in self._tables.values():
            table.changes = changes

    def of(self, noun: Noun[E]) -> Table[E]:
        """Return the table of ``noun``, empty when nothing was put into it yet."""
        table = self._tables.get(noun.name)
        if table is None:
            table = self._tables[noun.name] = Table(noun, self._changes)
        return cast("Table[E]", table)

    def clear(self) -> None:
        """Forget everything."""
        if self._changes is not None:
            for name in self._tables:
                self._changes.wipe(name)
        self._tables.clear()
