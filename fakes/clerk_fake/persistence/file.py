"""The file: SQLite, locked by one server, its format checked before anything else."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self, TypeAlias

from clerk_fake.errors import StartError

__all__ = ["FORMAT", "Key", "StateFile", "Write"]

APPLICATION: Final = int.from_bytes(b"ClFk")
"""Marks an SQLite file as ours."""

FORMAT: Final = 1
"""Rises when older servers could not read what newer ones write, or the other way round."""

SCHEMA: Final = (
    "CREATE TABLE server (name TEXT PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE instance (number INTEGER PRIMARY KEY, made BLOB NOT NULL)",
    # Rows keep their place when they are replaced, so that they come back in order of arrival.
    """CREATE TABLE record (
        place INTEGER PRIMARY KEY,
        instance INTEGER NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (instance, kind, key)
    )""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
)

Key: TypeAlias = tuple[int, str, str]
"""Number of the instance, kind, and key within the kind."""

Write: TypeAlias = tuple[int, str, str, bytes]
"""A key, and what is kept there."""


class StateFile:
    """A file that belongs to this process until it is closed or the process ends.

    Args:
        connection: From ``open``.
        path: For messages.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file, or make it; a half-made one cannot be seen.

        Raises:
            StartError: It cannot be used; the message names the cause and the remedy.
        """
        _check_place(path)
        connection = None
        try:
            connection = sqlite3.connect(path.absolute(), timeout=0, isolation_level=None)
            _take(connection, path)
        except (sqlite3.Error, StartError) as failed:
            if connection is not None:
                connection.close()
            raise failed if isinstance(failed, StartError) else _refusal(path, failed) from failed
        return cls(connection, path)

    def close(self) -> None:
        """Leave one whole file behind, free for the next server."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing.

        Raises:
            sqlite3.Error: Nothing was written.
        """
        self._connection.execute("BEGIN")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def read_server(self, name: str) -> bytes | None:
        """Return what ``write_server`` kept, if anything."""
        rows = self._connection.execute("SELECT body FROM server WHERE name = ?", (name,))
        found: tuple[bytes] | None = rows.fetchone()
        return None if found is None else found[0]

    def write_server(self, name: str, body: bytes) -> None:
        """Keep something that belongs to the server as a whole."""
        self._connection.execute("INSERT OR REPLACE INTO server VALUES (?, ?)", (name, body))

    def instances(self) -> Iterator[tuple[int, bytes]]:
        """Yield number and making of every instance, oldest first."""
        yield from self._connection.execute("SELECT number, made FROM instance ORDER BY number")

    def add_instance(self, number: int, made: bytes) -> None:
        """Keep an instance."""
        self._connection.execute("INSERT INTO instance VALUES (?, ?)", (number, made))

    def remove_instance(self, number: int) -> None:
        """Forget an instance with all of its records."""
        self._connection.execute("DELETE FROM record WHERE instance = ?", (number,))
        self._connection.execute("DELETE FROM instance WHERE number = ?", (number,))

    def records(self, number: int) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, key and body of an instance's records, in order of arrival."""
        yield from self._connection.execute(
            "SELECT kind, key, body FROM record WHERE instance = ? ORDER BY place", (number,)
        )

    def wipe(self, number: int, kinds: Iterable[str]) -> None:
        """Forget all of an instance's records of these kinds."""
        self._connection.executemany(
            "DELETE FROM record WHERE instance = ? AND kind = ?", ((number, kind) for kind in kinds)
        )

    def remove(self, keys: Iterable[Key]) -> None:
        """Forget records, where they exist."""
        self._connection.executemany(
            "DELETE FROM record WHERE instance = ? AND kind = ? AND key = ?", keys
        )

    def write(self, writes: Iterable[Write]) -> None:
        """Keep records, in place of older ones with the same key."""
        self._connection.executemany(
            "INSERT INTO record (instance, kind, key, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (instance, kind, key) DO UPDATE SET body = excluded.body",
            writes,
        )


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StartError(f"{path} is a folder: give --state a file")
    if not path.absolute().parent.is_dir():
        raise StartError(
            f"{path} cannot be made, {path.absolute().parent} is no folder: "
            "make it first, or give --state another file"
        )


def _take(connection: sqlite3.Connection, path: Path) -> None:
    """Lock the file, and see that it is ours or empty, before anything in it is touched."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not (application or version or tables):
        for statement in SCHEMA:
            connection.execute(statement)
    elif application != APPLICATION:
        raise StartError(f"{path} was not written by this fake: give --state another file")
    elif version != FORMAT:
        raise StartError(
            f"{path} has format {version}, this version writes {FORMAT}: delete the file, "
            "give --state another one, or start the version that wrote it"
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    # The kernel keeps what a killed process wrote; only losing power would need more.
    connection.execute("PRAGMA synchronous = OFF")


def _refusal(path: Path, failed: sqlite3.Error) -> StartError:
    code = getattr(failed, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return StartError(
            f"{path} is in use by another server: stop that one, or give --state another file"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return StartError(f"{path} was not written by this fake: give --state another file")
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StartError(
            f"{path} cannot be written: allow it for file and folder, or give --state another file"
        )
    return StartError(f"{path} cannot be used ({failed}): give --state another file")
