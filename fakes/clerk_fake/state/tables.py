"""Tables of entities, and all of an instance together."""

from collections.abc import Iterator
from typing import Any, Generic

from clerk_fake.changes import Changes, heard_by
from clerk_fake.state.ages import Ages
from clerk_fake.state.lookups import Lookup
from clerk_fake.state.nouns import E, Noun

__all__ = ["State", "Table"]


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
        self._ages = Ages()
        self._lookups = {name: Lookup() for name in noun.lookups}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, entity_id: str) -> E | None:
        """Return the entity with this id, if there is one."""
        return self._rows.get(entity_id)

    def find(self, lookup: str, key: str) -> list[E]:
        """Return the entities that have ``key`` in ``lookup``, in the order they got it."""
        rows = self._rows
        return [rows[row_id] for row_id in self._lookups[lookup].find(key)]

    def count(self, lookup: str, key: str) -> int:
        """Return how many entities have ``key`` in ``lookup``."""
        return self._lookups[lookup].count(key)

    def holds(self, lookup: str, key: str, entity: E) -> bool:
        """Tell whether an entity has ``key`` in ``lookup``, however many others have it too."""
        return self._lookups[lookup].holds(key, entity.id)

    def has(self, lookup: str, key: str, entity_id: str) -> bool:
        """Tell whether the entity with this id has ``key`` in ``lookup``."""
        return self._lookups[lookup].has(key, entity_id)

    def put(self, entity: E) -> None:
        """Add an entity, or replace the one with its id."""
        entity_id = entity.id
        old = self._rows.get(entity_id)
        if old is None:
            self._ages.add(entity.created_at, entity_id)
            for lookup, keys in self.noun.lookups.items():
                for key in keys(entity):
                    self._lookups[lookup].add(key, entity_id)
        else:
            if old.created_at != entity.created_at:
                self._ages.remove(old.created_at, entity_id)
                self._ages.add(entity.created_at, entity_id)
            self._change_keys(old, entity)
        self._rows[entity_id] = entity
        if self.changes is not None:
            self.changes.put(self.noun.name, entity_id, entity)

    def remove(self, entity: E) -> None:
        """Take an entity out."""
        entity_id = entity.id
        old = self._rows.pop(entity_id)
        self._ages.remove(old.created_at, entity_id)
        for lookup, keys in self.noun.lookups.items():
            for key in keys(old):
                self._lookups[lookup].remove(key, entity_id)
        if self.changes is not None:
            self.changes.remove(self.noun.name, entity_id)

    def oldest_first(self, after: E | None = None) -> Iterator[E]:
        """Yield all entities by time of creation; those of one ms in the order of arrival.

        Only those that follow ``after``, when it is given; that costs no more.
        """
        ids = iter(self._ages) if after is None else self._following(after, falling=False)
        return map(self._rows.__getitem__, ids)

    def newest_first(self, after: E | None = None) -> Iterator[E]:
        """Yield all entities, the youngest first; flat in cost however many there are.

        Only those that follow ``after``, when it is given; that costs no more.
        """
        ids = reversed(self._ages) if after is None else self._following(after, falling=True)
        return map(self._rows.__getitem__, ids)

    def place(self, entity: E) -> int:
        """Return how many entities are before one in ``oldest_first``; flat in cost."""
        return self._ages.place(entity.created_at, entity.id)

    def _following(self, entity: E, *, falling: bool) -> Iterator[str]:
        return self._ages.after(entity.created_at, entity.id, falling=falling)

    def _change_keys(self, old: E, new: E) -> None:
        for name, keys in self.noun.lookups.items():
            old_keys, new_keys = tuple(keys(old)), tuple(keys(new))
            if old_keys == new_keys:
                continue
            lookup = self._lookups[name]
            for key in old_keys:
                if key not in new_keys:
                    lookup.remove(key, old.id)
            for key in new_keys:
                lookup.add(key, old.id)


class State:
    """The tables of one instance."""

    def __init__(self) -> None:
        self._changes: Changes | None = None
        self._listeners: tuple[Changes, ...] = ()
        self._tables: dict[str, Table[Any]] = {}

    def __iter__(self) -> Iterator[Table[Any]]:
        return iter(tuple(self._tables.values()))

    def record_to(self, changes: Changes) -> None:
        """Tell ``changes``, too, of every change from now on."""
        self._tell((*self._listeners, changes))

    def record_no_more_to(self, changes: Changes) -> None:
        """Tell ``changes`` of nothing any more."""
        self._tell(tuple(each for each in self._listeners if each is not changes))

    def of(self, noun: Noun[E]) -> Table[E]:
        """Return the table of ``noun``, empty when nothing was put into it yet."""
        table = self._tables.get(noun.name)
        if table is None:
            table = self._tables[noun.name] = Table(noun, self._changes)
        return table

    def holds_any(self, noun: Noun[Any]) -> bool:
        """Tell whether there may be entities of ``noun``, without making a table for it."""
        return noun.name in self._tables

    def clear(self) -> None:
        """Forget everything."""
        if self._changes is not None:
            for name in self._tables:
                self._changes.wipe(name)
        self._tables.clear()

    def _tell(self, listeners: tuple[Changes, ...]) -> None:
        self._listeners = listeners
        self._changes = heard_by(listeners)
        for table in self._tables.values():
            table.changes = self._changes
