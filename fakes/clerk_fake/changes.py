"""Whoever hears of every change of an instance, so that it can be written down.

Each part of an instance (tables, log, endpoints, clock…) has an attribute ``changes``. It is
``None`` while nothing is written down, so that this costs one look.
"""

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Changes", "heard_by", "under"]


class Changes(Protocol):
    """Hears of the changes of one instance, each right after it was made."""

    def put(self, kind: str, key: str, value: object) -> None:
        """Hear that ``value`` (immutable, written by ``orjson``) was added or replaced."""

    def remove(self, kind: str, key: str) -> None:
        """Hear that what is kept under ``key`` is gone."""

    def wipe(self, kind: str) -> None:
        """Hear that everything of this kind is gone."""


def heard_by(listeners: Sequence[Changes]) -> Changes | None:
    """Return one that stands for all ``listeners``; ``None`` when there are none."""
    if len(listeners) > 1:
        return _Audience(tuple(listeners))
    return listeners[0] if listeners else None


def under(prefix: str, changes: Changes) -> Changes:
    """Return one that tells ``changes`` of everything, with ``prefix`` before each kind."""
    return _Prefixed(prefix, changes)


class _Prefixed:
    def __init__(self, prefix: str, changes: Changes) -> None:
        self._prefix = prefix
        self._changes = changes

    def put(self, kind: str, key: str, value: object) -> None:
        self._changes.put(self._prefix + kind, key, value)

    def remove(self, kind: str, key: str) -> None:
        self._changes.remove(self._prefix + kind, key)

    def wipe(self, kind: str) -> None:
        self._changes.wipe(self._prefix + kind)


class _Audience:
    def __init__(self, listeners: tuple[Changes, ...]) -> None:
        self._listeners = listeners

    def put(self, kind: str, key: str, value: object) -> None:
        for listener in self._listeners:
            listener.put(kind, key, value)

    def remove(self, kind: str, key: str) -> None:
        for listener in self._listeners:
            listener.remove(kind, key)

    def wipe(self, kind: str) -> None:
        for listener in self._listeners:
            listener.wipe(kind)
