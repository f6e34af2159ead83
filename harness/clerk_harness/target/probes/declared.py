"""A probe that a target file declares: queries and field paths over one source of rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from clerk_harness.target.contract import HttpProbeSpec, SqlProbeSpec
from clerk_harness.target.probes.reading import Effect, InboxEntry, LocalUser

__all__ = ["DeclaredProbe", "Source"]

T = TypeVar("T")


class Source(Protocol):
    """Where rows come from; raises :class:`ProbeError` when it cannot read."""

    def one(self, query: str, clerk_id: str) -> Mapping[str, Any] | None:
        """Read one row by Clerk id; None when there is none."""

    def rows(self, query: str) -> Iterable[Mapping[str, Any]]:
        """Read all rows."""


class DeclaredProbe:
    """Turns rows into users, inbox entries and effects along the declared paths."""

    def __init__(self, spec: HttpProbeSpec | SqlProbeSpec, source: Source) -> None:
        self._spec = spec
        self._source = source

    def user(self, clerk_id: str) -> LocalUser | None:
        """Read one user."""
        row = self._source.one(self._spec.user, clerk_id)
        return None if row is None else self._local_user(row)

    def users(self) -> Sequence[LocalUser] | None:
        """List all users, if the target says where."""
        return self._list(self._spec.users, self._local_user)

    def inbox(self) -> Sequence[InboxEntry] | None:
        """List all messages received, if the target says where."""
        return self._list(self._spec.inbox, InboxEntry.from_row)

    def effects(self) -> Sequence[Effect] | None:
        """List all side effects, if the target says where."""
        return self._list(self._spec.effects, Effect.from_row)

    def _local_user(self, row: Mapping[str, Any]) -> LocalUser:
        return LocalUser.from_row(row, self._spec.fields)

    def _list(self, query: str | None, read: Callable[[Mapping[str, Any]], T]) -> list[T] | None:
        return None if query is None else [read(row) for row in self._source.rows(query)]
