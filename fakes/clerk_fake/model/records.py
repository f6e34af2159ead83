"""What most nouns do alike: be found, be added, change and go, each change with its event."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.ids import Ids
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Entity, Noun, Table

__all__ = ["Kind", "Telling"]

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Telling:
    """The event types of a noun; ``None`` where Clerk sends none."""

    created: str | None = None
    updated: str | None = None
    deleted: str | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[E]):
    """A noun with everything that is general about it.

    Entities are frozen dataclasses. Those that change have an ``updated_at`` (ms), which grows
    strictly with every change, so that receivers can order two changes of one millisecond.

    Attributes:
        noun: How it is kept.
        what: Its name in errors, e.g. ``organization domain``.
        prefix: Of its ids, e.g. ``orgdmn``.
        wire_name: Its ``object`` on the wire, e.g. ``organization_domain``.
        resource: Writes one as Clerk does, for answers and events alike.
        telling: Its events.
        also_deleted: Further entries of its tombstone, e.g. the slug.
        originals: Makes those that every instance has from the start. They come into being, and
            cost something, when the table is looked at for the first time.
        missing: Makes the refusal of an unknown id, where Clerk has a code of its own for it.
    """

    noun: Noun[E]
    what: str
    prefix: str
    wire_name: str
    resource: Callable[[Instance, E], JsonObject]
    telling: Telling = field(default_factory=Telling)
    also_deleted: Callable[[E], Mapping[str, object]] = lambda _entity: {}
    originals: Callable[[Instance], Iterable[E]] | None = None
    missing: Callable[[str], ApiError] | None = None

    def table(self, instance: Instance) -> Table[E]:
        """Return where they are kept."""
        table = instance.state.of(self.noun)
        if self.originals is not None and not table:
            for original in self.originals(instance):
                table.put(original)
        return table

    def original_ids(self, instance: Instance) -> Iterator[str]:
        """Yield ids for the originals: the same whenever, and however often, they are made."""
        seed = instance.identity.seed
        own = instance.id if seed is None else ""
        ids = Ids(seed or 0, f"{self.prefix} of {own}")
        while True:
            yield ids.new(self.prefix)

    def new_id(self, instance: Instance) -> str:
        """Return an id that no other has."""
        return instance.ids.new(self.prefix)

    def require(self, instance: Instance, entity_id: str) -> E:
        """Return the one with this id.

        Raises:
            ApiError: 404, there is none.
        """
        entity = self.table(instance).get(entity_id)
        if entity is None:
            raise self.refusal(entity_id)
        return entity

    def refusal(self, entity_id: str) -> ApiError:
        """Return the 404 that says that there is none with this id."""
        if self.missing is not None:
            return self.missing(entity_id)
        return ApiError.not_found(self.what, entity_id)

    def add(self, instance: Instance, entity: E, origin: Origin) -> E:
        """Keep a new one and tell of it."""
        self.table(instance).put(entity)
        self._tell(instance, self.telling.created, entity, origin)
        return entity

    def change(
        self,
        instance: Instance,
        entity: E,
        origin: Origin,
        **fields: Any,
    ) -> E:
        """Set ``fields``, which makes a new version, and tell of it."""
        old = cast("Any", entity)
        version = max(instance.clock.now_ms(), old.updated_at + 1)
        changed: E = dataclasses.replace(old, **fields, updated_at=version)
        self.table(instance).put(changed)
        self._tell(instance, self.telling.updated, changed, origin)
        return changed

    def remove(self, instance: Instance, entity: E, origin: Origin) -> None:
        """Forget one and tell of it with its tombstone."""
        self.table(instance).remove(entity)
        if self.telling.deleted is not None:
            instance.log.append(self.telling.deleted, self.tombstone(entity), origin)

    def tombstone(self, entity: E) -> JsonObject:
        """Return what is left of one: its id, and that it is deleted."""
        return {
            "object": self.wire_name,
            "id": entity.id,
            **self.also_deleted(entity),
            "deleted": True,
        }

    def _tell(self, instance: Instance, event_type: str | None, entity: E, origin: Origin) -> None:
        if event_type is not None:
            instance.log.append(event_type, self.resource(instance, entity), origin)


def required(instance: Instance, noun: Noun[E], what: str, entity_id: str) -> E:
    """Return one of a noun that is no ``Kind``, because it is told of in ways of its own.

    Raises:
        ApiError: 404, there is none with this id; ``what`` is its name.
    """
    entity = instance.state.of(noun).get(entity_id)
    if entity is None:
        raise ApiError.not_found(what, entity_id)
    return entity
