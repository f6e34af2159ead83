"""Lists: ``?after=<seq>&limit=<n>`` → ``{"data": […], "next": seq | null}``."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.api.auth import CurrentContext
from clerk_sync.store.session import transaction

__all__ = ["After", "Limit", "ListRows", "add_list", "page", "page_by"]

After = Annotated[int, Query(ge=0, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=1000)]


class _Numbered(Protocol):
    @property
    def seq(self) -> int: ...


T = TypeVar("T")
Record = TypeVar("Record", bound=_Numbered)
Record_co = TypeVar("Record_co", bound=_Numbered, covariant=True)


class ListRows(Protocol[Record_co]):
    """A statement of the store that returns rows from behind ``after`` in their order."""

    async def __call__(
        self, connection: AsyncConnection, /, *, after: int, limit: int
    ) -> Sequence[Record_co]:
        """Return at most ``limit`` rows."""


def add_list(
    router: APIRouter,
    path: str,
    list_rows: ListRows[Record],
    render: Callable[[Record], dict[str, Any]],
) -> None:
    """Add the route that returns all rows of a table, page by page, in the order they came."""

    async def many(context: CurrentContext, after: After = 0, limit: Limit = 100) -> dict[str, Any]:
        async with transaction(context.engine) as connection:
            rows = await list_rows(connection, after=after, limit=limit)
        return page(rows, limit, render)

    router.add_api_route(path, many, methods=["GET"])


def page(
    records: Sequence[Record], limit: int, render: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    """Render one page; a full one says where the next begins."""
    return page_by(records, limit, render, place=attrgetter("seq"))


def page_by(
    records: Sequence[T],
    limit: int,
    render: Callable[[T], dict[str, Any]],
    *,
    place: Callable[[T], int | str],
) -> dict[str, Any]:
    """Render one page of what is in the order of ``place``."""
    following = place(records[-1]) if len(records) == limit else None
    return {"data": [render(record) for record in records], "next": following}
