"""How things go from one status to the next: a table says what may follow what."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from clerk_fake.errors import ApiError

__all__ = ["Lifecycle"]

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S]):
    """The statuses of a noun.

    Attributes:
        moves: Status → the statuses that may follow; those that lead nowhere may be left out.
        refusals: Status → what Clerk says to who wants to leave it in a way that is not allowed.
    """

    moves: Mapping[S, Collection[S]]
    refusals: Mapping[S, Callable[[], ApiError]]

    def allows(self, old: S, new: S) -> bool:
        """Tell whether ``new`` may follow ``old``."""
        return new in self.moves.get(old, ())

    def check(self, old: S, new: S) -> None:
        """Refuse a move that is not in the table.

        Raises:
            ApiError: In Clerk's words for ``old``.
        """
        if not self.allows(old, new):
            refusal = self.refusals[old]()
            raise refusal
