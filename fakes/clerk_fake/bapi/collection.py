"""The operations that most nouns have alike: create, get, list, update, delete, and actions.

A face names its collection once and then lists its operations, one line each; rules stay in the
commands of the model, which take ``(instance, [owner or entity], [form], origin)``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.listing import Listing
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.state import Entity

__all__ = ["Collection", "Owner"]

E = TypeVar("E", bound=Entity)
F = TypeVar("F")
Resource: TypeAlias = Callable[[Instance, E], JsonObject]


@dataclass(frozen=True, slots=True)
class Owner:
    """What a collection belongs to, e.g. the organization of ``…/{organization_id}/domains``.

    Attributes:
        kind: Of the owner.
        param: The variable part of the path with its id.
        lookup: The look-up of the owned noun by the owner's id.
    """

    kind: Kind[Any]
    param: str
    lookup: str

    def called(self, call: Call) -> Any:
        """Return the owner that the path names.

        Raises:
            ApiError: 404, there is none.
        """
        return self.kind.require(call.instance, call.param(self.param))


@dataclass(frozen=True, slots=True)
class Collection(Generic[E]):
    """A path with a noun behind it.

    Attributes:
        path: Of the collection, e.g. ``/v1/redirect_urls``.
        param: Name of the id in the path of one, e.g. ``redirect_url_id``.
        kind: What is collected.
        owner: Whose they are, when the path says so.
        coverage: How far the operations go, for ``docs/coverage.md``.
        find: Finds what the path names, when that need not be an id (a slug, a key); refuses with
            404.
    """

    path: str
    param: str
    kind: Kind[E]
    owner: Owner | None = None
    coverage: Coverage = Coverage.STATEFUL
    find: Callable[[Instance, str], E] | None = None

    def called(self, call: Call) -> E:
        """Return the one that the path names.

        Raises:
            ApiError: 404, there is none, or it belongs to another owner.
        """
        find = self.find or self.kind.require
        entity = find(call.instance, call.param(self.param))
        if self.owner is not None:
            owner = self.owner.called(call)
            if not self.kind.table(call.instance).holds(self.owner.lookup, owner.id, entity):
                raise self.kind.refusal(entity.id)
        return entity

    def write(
        self, call: Call, entity: E, status: int = 200, *, resource: Resource[E] | None = None
    ) -> Response:
        """Answer with one; ``resource`` writes it when the kind's way will not do."""
        write = self.kind.resource if resource is None else resource
        return json_response(write(call.instance, entity), status)

    def create(
        self,
        form: type[F],
        command: Callable[[Instance, F, Origin], E],
        *,
        status: int = 200,
        resource: Resource[E] | None = None,
    ) -> BapiRoute:
        """``POST`` on the path; ``resource`` writes what is shown once, e.g. with its secret."""

        def answer(call: Call) -> Response:
            draft = read_form(form, call.request.fields())
            made = command(call.instance, draft, call.origin)
            return self.write(call, made, status, resource=resource)

        return self._route("POST", "", answer)

    def create_owned(
        self, form: type[F], command: Callable[[Instance, Any, F, Origin], E], *, status: int = 200
    ) -> BapiRoute:
        """``POST`` on the path; the command gets the owner as well."""

        def answer(call: Call) -> Response:
            owner = self._owner().called(call)
            draft = read_form(form, call.request.fields())
            return self.write(call, command(call.instance, owner, draft, call.origin), status)

        return self._route("POST", "", answer)

    def create_many(
        self,
        form: type[F],
        command: Callable[[Instance, Sequence[F], Origin], Iterable[E]],
        *,
        most: int,
    ) -> BapiRoute:
        """``POST`` on ``/bulk`` below the path: an array of 1 to ``most`` forms, all or nothing."""

        def answer(call: Call) -> Response:
            items = call.request.items()
            if not items:
                raise ApiError.missing_param("The request body")
            if len(items) > most:
                raise ApiError.bulk_size_exceeded(most)
            drafts = [read_form(form, item) for item in items]
            made = command(call.instance, drafts, call.origin)
            return json_response([self.kind.resource(call.instance, each) for each in made])

        return self._route("POST", "/bulk", answer)

    def list(self, listing: Listing[E]) -> BapiRoute:
        """``GET`` on the path; of an owner, when there is one."""

        def answer(call: Call) -> Response:
            if self.owner is None:
                return listing.answer(call, self.kind)
            owner = self.owner.called(call)
            owned = self.kind.table(call.instance).find(self.owner.lookup, owner.id)
            return listing.answer(call, self.kind, among=owned)

        return self._route("GET", "", answer)

    def get(self) -> BapiRoute:
        """``GET`` on the path of one."""
        return self._route(
            "GET", f"/{{{self.param}}}", lambda call: self.write(call, self.called(call))
        )

    def update(
        self,
        form: type[F],
        command: Callable[[Instance, E, F, Origin], E],
        *,
        method: str = "PATCH",
        suffix: str = "",
        resource: Resource[E] | None = None,
    ) -> BapiRoute:
        """``PATCH`` (or another method) on the path of one, or on ``suffix`` below it."""

        def answer(call: Call) -> Response:
            entity = self.called(call)
            change = read_form(form, call.request.fields())
            changed = command(call.instance, entity, change, call.origin)
            return self.write(call, changed, resource=resource)

        return self._route(method, f"/{{{self.param}}}{suffix}", answer)

    def act(
        self,
        suffix: str,
        command: Callable[[Instance, E, Origin], E],
        *,
        method: str = "POST",
        resource: Resource[E] | None = None,
    ) -> BapiRoute:
        """An operation without a body on ``suffix`` below the path of one."""

        def answer(call: Call) -> Response:
            done = command(call.instance, self.called(call), call.origin)
            return self.write(call, done, resource=resource)

        return self._route(method, f"/{{{self.param}}}{suffix}", answer)

    def delete(self, command: Callable[[Instance, E, Origin], None] | None = None) -> BapiRoute:
        """``DELETE`` on the path of one; by default it is forgotten and told of."""
        remove = command or self.kind.remove

        def answer(call: Call) -> Response:
            entity = self.called(call)
            remove(call.instance, entity, call.origin)
            return json_response(self.kind.tombstone(entity))

        return self._route("DELETE", f"/{{{self.param}}}", answer)

    def _route(self, method: str, suffix: str, handler: Callable[[Call], Response]) -> BapiRoute:
        return Route(method, self.path + suffix, handler, coverage=self.coverage)

    def _owner(self) -> Owner:
        if self.owner is None:
            raise TypeError(f"{self.path} has no owner")
        return self.owner
