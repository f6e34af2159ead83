"""Whoever hears of every change of an instance, so that it can be written down.

Each part of an instance (tables, log, endpoints, clock…) has an attribute ``changes``. It is
``None`` while nothing is written down, so that this costs one look.
"""

from typing import Protocol

__all__ = ["Changes"]


class Changes(Protocol):
    """Hears of the changes of one instance, each right after it was made."""

    def put(self, kind: str, key: str, value: object) -> None:
        """Hear that ``value`` (immutable, written by ``orjson``) was added or replaced."""

    def remove(self, kind: str, key: str) -> None:
        """Hear that what is kept under ``key`` is gone."""

    def wipe(self, kind: str) -> None:
        """Hear that everything of this kind is gone."""
