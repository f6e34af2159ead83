"""What can be kept in a table, and how it is declared."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

__all__ = ["E", "Entity", "Noun"]


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
