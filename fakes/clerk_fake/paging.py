"""How Clerk cuts lists: ``limit`` and ``offset``."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

__all__ = ["DEFAULT_LIMIT", "MAX_LIMIT", "MAX_OFFSET", "Page"]

T = TypeVar("T")

DEFAULT_LIMIT: Final = 10
MAX_LIMIT: Final = 500
MAX_OFFSET: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for.

    Attributes:
        limit: At most this many items, 1 to 500.
        offset: Skip so many first.
    """

    limit: int = DEFAULT_LIMIT
    offset: int = 0

    def cut(self, items: Iterable[T]) -> list[T]:
        """Return the part of ``items`` that this page shows."""
        return list(islice(items, self.offset, self.offset + self.limit))
