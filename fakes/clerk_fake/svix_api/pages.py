"""How Svix cuts lists: a page says where it begins and ends, and the next request says so again."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Generic, Self, TypeVar

from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response
from clerk_fake.jsontypes import MAX_INTEGER

__all__ = ["Mark", "Page", "Row", "listed", "rows_beyond"]

T = TypeVar("T")
DEFAULT_LIMIT: Final = 50
MOST: Final = 250
LONGEST: Final = 300
ORDERS: Final = {"ascending": False, "descending": True}
BACK: Final = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a list, also when what was there is gone.

    Attributes:
        place: Grows along the list.
        name: Of what is there; tells apart what has the same place.
    """

    place: int
    name: str

    def __str__(self) -> str:
        return f"{self.place}_{self.name}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read one back.

        Raises:
            ApiError: 422, it is none.
        """
        place, _, name = text.partition("_")
        whole = place.isascii() and place.isdecimal() and len(place) <= len(str(MAX_INTEGER))
        if not whole or len(name) > LONGEST:
            raise ApiError.bad_value("iterator", "one of an earlier answer")
        return cls(int(place), name)


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """One thing of a list, and its place there."""

    mark: Mark
    item: T


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for.

    Attributes:
        limit: At most so many.
        mark: Beyond this one.
        falling: Whether to look from there towards the smaller places.
        backwards: Whether that is against the order of the list, as for the page before this one.
    """

    limit: int
    mark: Mark | None
    falling: bool
    backwards: bool

    @classmethod
    def of(cls, query: Query, *, falling: bool, from_the_end: bool = False) -> Self:
        """Read it from a query.

        Args:
            query: ``limit``, ``iterator`` and ``order``.
            falling: The order when none is asked for.
            from_the_end: Whether the last page is meant when there is no iterator.

        Raises:
            ApiError: 422, it is malformed.
        """
        limit = query.integer("limit", least=1, most=MOST)
        order = query.choice("order", ORDERS)
        iterator = query.text("iterator")
        if order is not None:
            falling = ORDERS[order]
        backwards = from_the_end if iterator is None else iterator.startswith(BACK)
        return cls(
            limit=DEFAULT_LIMIT if limit is None else limit,
            mark=None if iterator is None else Mark.read(iterator.removeprefix(BACK)),
            falling=falling != backwards,
            backwards=backwards,
        )

    @property
    def beyond(self) -> int | None:
        """The place after which the page begins; ``None`` for the beginning of the list."""
        return None if self.mark is None else self.mark.place


def rows_beyond(page: Page, items: Iterable[T], mark: Callable[[T], Mark]) -> Sequence[Row[T]]:
    """Return the rows that a page may show of a short list, whose places grow, or stay the same.

    When the row of the iterator is gone, those that had the same place are not skipped.
    """
    rows = [Row(mark(item), item) for item in items]
    if page.mark is None:
        return rows[::-1] if page.falling else rows
    marks = [row.mark for row in rows]
    if page.mark in marks:
        at = marks.index(page.mark)
        return rows[:at][::-1] if page.falling else rows[at + 1 :]
    places = [each.place for each in marks]
    if page.falling:
        return rows[: bisect_right(places, page.mark.place)][::-1]
    return rows[bisect_left(places, page.mark.place) :]


def listed(page: Page, rows: Iterable[Row[T]], write: Callable[[T], dict[str, Any]]) -> Response:
    """Answer with a page of ``rows``, which begin where it begins and run in its direction."""
    found = list(islice(rows, page.limit + 1))
    shown = found[: page.limit]
    if page.backwards:
        shown.reverse()
    return json_response(
        {
            "data": [write(row.item) for row in shown],
            "iterator": str(shown[-1].mark) if shown else None,
            "prevIterator": f"{BACK}{shown[0].mark}" if shown else None,
            "done": len(found) <= page.limit,
        }
    )
