"""What is written of a record, whatever the record is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Burial", "Write"]

P = TypeVar("P")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Write(Generic[P, S]):
    """A living record to insert or replace.

    Attributes:
        profile: All of it is written; it may be what is stored with a change.
        source: Who says so: the id of a webhook, ``jit:…``, ``reconcile:…`` or ``backfill:…``.
        known: The row as it was loaded; ``None`` when there is none.
    """

    profile: P | S
    source: str
    known: S | None


@dataclass(frozen=True, slots=True)
class Burial(Generic[P]):
    """A record to turn into a tombstone.

    Attributes:
        clerk_id: Which one.
        source: Who says so, as above.
        last: The last that was heard of it when that never reached its table.
    """

    clerk_id: str
    source: str
    last: P | None
