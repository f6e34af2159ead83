"""What changed since the last commit, and the commit."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

import orjson

from clerk_fake.errors import StateError
from clerk_fake.instance import Identity, Instance
from clerk_fake.limits.settings import Limits
from clerk_fake.persistence.file import Key, StateFile, Write
from clerk_fake.persistence.keys import KeysOnFile
from clerk_fake.tokens.keys import SharedKey

__all__ = ["InstanceChanges", "Journal", "Made"]


@dataclass(frozen=True, slots=True)
class Made:
    """How an instance was made; never changes."""

    identity: Identity
    limits: Limits | None


class InstanceChanges:
    """The changes of one instance that are not in the file yet.

    Args:
        number: Of the instance in the file.
        note: Called with this object when it ceases to be empty.
    """

    def __init__(self, number: int, note: Callable[["InstanceChanges"], None]) -> None:
        self.number = number
        self._note = note
        self._noted = False
        self._wiped: set[str] = set()
        self._removed: dict[tuple[str, str], None] = {}
        self._put: dict[tuple[str, str], object] = {}

    def put(self, kind: str, key: str, value: object) -> None:
        """Hear of an added or replaced value."""
        self._put[kind, key] = value
        if not self._noted:
            self._take_note()

    def remove(self, kind: str, key: str) -> None:
        """Hear that a value is gone; when it comes back, it comes back as the youngest."""
        self._put.pop((kind, key), None)
        self._removed[kind, key] = None
        if not self._noted:
            self._take_note()

    def wipe(self, kind: str) -> None:
        """Hear that all values of a kind are gone."""
        self._put = {name: value for name, value in self._put.items() if name[0] != kind}
        self._wiped.add(kind)
        if not self._noted:
            self._take_note()

    def retire(self) -> None:
        """Hear of nothing any more."""
        self.forget()
        self._note = lambda _changes: None

    def write_to(self, file: StateFile) -> None:
        """Write everything that was heard, inside a transaction."""
        if self._wiped:
            file.wipe(self.number, self._wiped)
        if self._removed:
            file.remove(self._gone())
        file.write(self._writes())

    def forget(self) -> None:
        """Be empty again."""
        self._noted = False
        self._wiped.clear()
        self._removed.clear()
        self._put.clear()

    def _take_note(self) -> None:
        self._noted = True
        self._note(self)

    def _gone(self) -> Iterator[Key]:
        return ((self.number, kind, key) for kind, key in self._removed)

    def _writes(self) -> Iterator[Write]:
        for (kind, key), value in self._put.items():
            yield self.number, kind, key, orjson.dumps(value)


class Journal:
    """Keeps a server's state in a file.

    Changes are committed by ``commit``, at the latest in the next round of the event loop.

    Args:
        file: Where to.
        shared_key: Kept as well, before anything that it signed goes out.
    """

    def __init__(self, file: StateFile, shared_key: SharedKey) -> None:
        self.failure: StateError | None = None
        self._file = file
        self._keys = KeysOnFile(file, shared_key)
        self._next_number = 1
        self._followed: dict[str, InstanceChanges] = {}
        self._added: dict[int, Instance] = {}
        self._removed: list[int] = []
        self._changed: dict[int, InstanceChanges] = {}
        self._awake = False
        self._failure_listeners: list[Callable[[], None]] = []

    def on_failure(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the file cannot be written; nothing is acknowledged any more."""
        self._failure_listeners.append(listener)

    def added(self, instance: Instance) -> None:
        """Keep a new instance, empty as it is, and all its changes from now on."""
        self._added[self._next_number] = instance
        self.follow(instance, self._next_number)
        self._wake()

    def follow(self, instance: Instance, number: int) -> None:
        """Keep the changes of an instance that is in the file already."""
        self._next_number = max(self._next_number, number + 1)
        changes = self._followed[instance.id] = InstanceChanges(number, self._note)
        instance.record_to(changes)

    def removed(self, instance: Instance) -> None:
        """Forget an instance."""
        changes = self._followed.pop(instance.id)
        changes.retire()
        self._changed.pop(changes.number, None)
        if self._added.pop(changes.number, None) is None:
            self._removed.append(changes.number)
        self._wake()

    def commit(self) -> None:
        """Write all changes in one transaction; cheap when there are none.

        Raises:
            StateError: The file cannot be written, now or some time before.
        """
        if self.failure is not None:
            raise self.failure
        if not (self._awake or self._keys.due):
            return
        try:
            with self._file.transaction():
                self._write()
        except (sqlite3.Error, TypeError) as failed:  # TypeError: a value that is no JSON
            self._fail(failed)
        self._awake = False
        self._added.clear()
        self._removed.clear()
        for changes in self._changed.values():
            changes.forget()
        self._changed.clear()

    def abandon(self) -> None:
        """Free the file without what was not committed yet."""
        self.failure = StateError(f"{self._file.path} was abandoned: start again")
        self._file.close()

    def close(self) -> None:
        """Write what is left, and free the file.

        Raises:
            StateError: The file cannot be written.
        """
        try:
            self.commit()
        finally:
            self._file.close()

    def _write(self) -> None:
        self._keys.write()
        for number in self._removed:
            self._file.remove_instance(number)
        for number, instance in self._added.items():
            made = Made(instance.identity, instance.first_limits)
            self._file.add_instance(number, orjson.dumps(made))
        for changes in self._changed.values():
            changes.write_to(self._file)

    def _note(self, changes: InstanceChanges) -> None:
        self._changed[changes.number] = changes
        self._wake()

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._commit_soon)

    def _commit_soon(self) -> None:
        if self.failure is None:
            try:
                self.commit()
            except StateError:
                return  # told to the listeners

    def _fail(self, failed: Exception) -> NoReturn:
        self.failure = StateError(
            f"{self._file.path} cannot be written any more ({failed}): what was answered before "
            "is in it; make room, then start again"
        )
        for listener in self._failure_listeners:
            listener()
        raise self.failure from failed
