"""Lists that are read from where one stopped: ``?after=<seq>&limit=``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response

__all__ = ["Slice", "listed"]

LARGEST: Final = 1000
MAX_SEQ: Final = 2**53


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part is asked for.

    Attributes:
        after: Only what has a larger ``seq``.
        limit: At most this many, 1 to 1000.
    """

    after: int
    limit: int

    @classmethod
    def of(cls, query: Query) -> Self:
        """Read it from a query string."""
        limit = query.integer("limit", least=1, most=LARGEST)
        after = query.integer("after", least=0, most=MAX_SEQ)
        return cls(after or 0, LARGEST if limit is None else limit)


def listed(rows: Sequence[dict[str, Any]], wanted: Slice) -> Response:
    """Answer with the rows, of which one more than ``wanted.limit`` should be given.

    ``next`` is the ``after`` of the next request, ``null`` at the end.
    """
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return json_response({"data": shown, "next": shown[-1]["seq"] if more else None})
