"""Lists as Clerk gives them: filtered, ordered, cut into pages."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar

from clerk_fake.bapi.call import Call
from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.paging import MAX_LIMIT
from clerk_fake.state import Entity, Table

__all__ = [
    "Filter",
    "Listing",
    "Shape",
    "matching",
    "named_like",
    "one_of",
    "signed",
    "text_within",
    "truth_of",
]

E = TypeVar("E", bound=Entity)
Test: TypeAlias = Callable[[E], bool]
Filter: TypeAlias = Callable[[Query, str], Callable[[E], bool] | None]
"""Reads a query parameter into a test; ``None`` when the parameter is absent."""


class Shape(Enum):
    """How a list is written."""

    PAGE = "page"
    """``{"data": […], "total_count": n}``."""

    ARRAY = "array"
    """A bare array, unless ``?paginated=true`` asks for a page."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[E]):
    """How a list can be asked for.

    Attributes:
        filters: Query parameter → how it filters.
        orders: Key of ``order_by`` → what is compared; ``created_at`` is always there.
        default_order: When ``order_by`` is absent.
        shape: How it is written.
        rows: The key of the rows in a page.
        largest: What ``limit`` may be at most.
    """

    filters: Mapping[str, Filter[E]] = field(default_factory=dict)
    orders: Mapping[str, Callable[[E], Any]] = field(default_factory=dict)
    default_order: str = "-created_at"
    shape: Shape = Shape.PAGE
    rows: str = "data"
    largest: int = MAX_LIMIT

    def answer(
        self,
        call: Call,
        kind: Kind[E],
        *,
        among: Iterable[E] | None = None,
        resource: Callable[[E], JsonObject] | None = None,
    ) -> Response:
        """Answer with a part of all of ``kind``, or of those ``among`` it.

        Args:
            call: Whose query says which part.
            kind: What is listed.
            among: Only these, in order of arrival; all when ``None``.
            resource: How one is written, when not as the kind does.

        Raises:
            ApiError: 422, a parameter is malformed.
        """
        query = call.request.query()
        page = query.page(largest=self.largest)
        found, total = self._find(query, kind.table(call.instance), among)
        shown = islice(found, page.offset, page.offset + page.limit)
        write = resource or (lambda entity: kind.resource(call.instance, entity))
        rows = [write(entity) for entity in shown]
        if self.shape is Shape.ARRAY and not query.boolean("paginated"):
            return json_response(rows)
        return json_response({self.rows: rows, "total_count": total})

    def _find(
        self, query: Query, table: Table[E], among: Iterable[E] | None
    ) -> tuple[Iterable[E], int]:
        tests = [
            test for name, read in self.filters.items() if (test := read(query, name)) is not None
        ]
        name, falling = self._order(query)
        if among is None and not tests and name == "created_at":
            return (table.newest_first() if falling else table.oldest_first()), len(table)
        candidates = table.oldest_first() if among is None else among
        found = [entity for entity in candidates if all(test(entity) for test in tests)]
        if falling:
            found.reverse()  # sorting is stable: of equal ones the youngest comes first
        compared = self.orders.get(name, _created_at)
        found.sort(key=lambda entity: _none_first(compared(entity)), reverse=falling)
        return found, len(found)

    def _order(self, query: Query) -> tuple[str, bool]:
        wanted = (query.text("order_by") or self.default_order).lstrip()  # a bare "+" is a space
        name = wanted.removeprefix("-") if wanted.startswith("-") else wanted.removeprefix("+")
        if name != "created_at" and name not in self.orders:
            keys = ", ".join(sorted({"created_at", *self.orders}))
            raise ApiError.bad_value("order_by", f"one of {keys}, + or - in front")
        return name, wanted.startswith("-")


def matching(value: Callable[[E], str | None], choices: Collection[str] | None = None) -> Filter[E]:
    """Filter by one value, which is one of ``choices`` when they are given."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted = query.text(name) if choices is None else query.choice(name, choices)
        return None if wanted is None else lambda entity: value(entity) == wanted

    return read


def one_of(value: Callable[[E], str | None]) -> Filter[E]:
    """Filter by several values of one parameter, ``a=1&a=2``."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted = frozenset(query.texts(name))
        return None if not wanted else lambda entity: value(entity) in wanted

    return read


def signed(value: Callable[[E], str | None]) -> Filter[E]:
    """Filter by several values of one parameter, of which those with ``-`` in front exclude."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted, unwanted = query.signed(name)
        if not wanted and not unwanted:
            return None
        return lambda entity: (
            (not wanted or value(entity) in wanted) and value(entity) not in unwanted
        )

    return read


def text_within(*values: Callable[[E], str | None]) -> Filter[E]:
    """Filter by a part of any of several texts, in whatever case."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted = (query.text(name) or "").lower()
        if not wanted:
            return None
        return lambda entity: any(wanted in (value(entity) or "").lower() for value in values)

    return read


def named_like(identifier: Callable[[E], str], *values: Callable[[E], str | None]) -> Filter[E]:
    """Filter by a whole id or by a part of any of several texts, in whatever case."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted = query.text(name) or ""
        if not wanted:
            return None
        part = wanted.lower()
        return lambda entity: (
            identifier(entity) == wanted
            or any(part in (value(entity) or "").lower() for value in values)
        )

    return read


def truth_of(value: Callable[[E], bool]) -> Filter[E]:
    """Filter by ``true`` or ``false``."""

    def read(query: Query, name: str) -> Test[E] | None:
        wanted = query.boolean(name)
        return None if wanted is None else lambda entity: value(entity) is wanted

    return read


def _created_at(entity: Entity) -> int:
    return entity.created_at


def _none_first(value: Any) -> tuple[bool, Any]:
    return (value is not None, value)
