"""Entities as JSON, written once per version: the same bytes go into answers and into events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

import orjson

from clerk_fake.jsontypes import JsonObject

__all__ = ["Form", "Renderings"]

GENERATION: Final = 8192
"""How many renderings are kept at least; up to twice as many are."""


class Identified(Protocol):
    """An immutable value with an id: each version of it is an object of its own."""

    @property
    def id(self) -> str:
        """The Clerk id."""


E = TypeVar("E", bound=Identified)


def _always(_entity: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Form(Generic[E]):
    """How a noun is written.

    Attributes:
        resource: Returns the entity as Clerk writes it at a time (ms), in an instance whose
            pictures and pages are below a URL. It may look at nothing else: what it reads
            elsewhere would not be seen to change.
        steady: Whether that is the same at all times, so that it can be kept.
    """

    resource: Callable[[E, int, str], JsonObject]
    steady: Callable[[E], bool] = _always


_Kept: TypeAlias = tuple[Identified, Form[Any], orjson.Fragment]


class Renderings:
    """The JSON of the entities of one instance; forgets what was not asked for lately.

    A version of an entity is an object of its own, so nothing has to be told of changes: the JSON
    of an old version is never given for a new one.

    Args:
        home_url: Where the instance shows pictures and pages; never changes.
        generation: How many renderings are kept at least.
    """

    def __init__(self, home_url: str = "", generation: int = GENERATION) -> None:
        self._home_url = home_url
        self._generation = generation
        self._young: dict[str, _Kept] = {}
        self._old: dict[str, _Kept] = {}

    def of(self, form: Form[E], entity: E, now_ms: int) -> orjson.Fragment:
        """Return the JSON of ``entity`` at this time, to be put into any document for orjson."""
        entity_id = entity.id
        kept = self._young.get(entity_id)
        if kept is not None and kept[0] is entity and kept[1] is form:
            return kept[2]
        kept = self._old.get(entity_id)
        if kept is None or kept[0] is not entity or kept[1] is not form:
            written = orjson.dumps(form.resource(entity, now_ms, self._home_url))
            # orjson leaves its whole buffer, 16 kB for 2, behind the bytes: keep a copy without it.
            kept = (entity, form, orjson.Fragment(bytes(memoryview(written))))
        if form.steady(entity):
            self._keep(entity_id, kept)
        return kept[2]

    def clear(self) -> None:
        """Forget everything."""
        self._young = {}
        self._old = {}

    def _keep(self, entity_id: str, kept: _Kept) -> None:
        if len(self._young) >= self._generation:
            self._old = self._young
            self._young = {}
        self._young[entity_id] = kept
