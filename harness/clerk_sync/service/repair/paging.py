"""Reads a whole list of Clerk's page by page, and misses nothing that is there all the while.

Clerk cuts lists by offset. Ordered by when records were made, oldest first, what is made meanwhile
comes at the end; but whatever is deleted meanwhile moves all that is behind it to the left, out of
the page that comes next. Therefore pages overlap, and a page must contain one of the last records
of the page before: whatever stands behind that one has not been skipped. A page that does not is
asked for again further to the left.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from clerk_sync.clerk_api import PAGE_LIMIT

__all__ = ["Ask", "Json", "Page", "walk"]

Json: TypeAlias = dict[str, Any]
Ask: TypeAlias = Callable[[int, int], Awaitable[list[Json]]]
"""Returns the rows of a list, given a limit and an offset."""

OVERLAP: Final = 10
AHEAD: Final = 3
"""Pages that are asked for while one is worked on."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        rows: Those that were in no page before.
        offset: Where the page began; it may begin before the first of ``rows``.
        tail: The last ids of the page.
        last: Whether the list ends here.
    """

    rows: Sequence[Json]
    offset: int
    tail: Sequence[str]
    last: bool


async def walk(  # noqa: PLR0913 - where to begin, and four figures that have defaults
    ask: Ask,
    *,
    start: int = 0,
    tail: frozenset[str] = frozenset(),
    limit: int = PAGE_LIMIT,
    overlap: int = OVERLAP,
    ahead: int = AHEAD,
) -> AsyncGenerator[Page, None]:
    """Go through a list from ``start`` to its end.

    Whoever goes on later starts at the offset of the last page that is done, and a page less the
    overlap further, with the tail of that page.

    Args:
        ask: Whom to ask.
        start: Offset of the first page.
        tail: Ids of which the first page must contain one, if it is not the very first.
        limit: Rows of a page.
        overlap: So many rows of a page are in the one before as well.
        ahead: So many further pages are asked for at once.

    Raises:
        ClerkApiError: A page could not be had.
    """
    queue = _Queue(ask, start, limit=limit, step=limit - overlap, ahead=ahead)
    try:
        while True:
            offset, rows = await queue.next()
            ids = [str(row.get("id")) for row in rows]
            if tail and tail.isdisjoint(ids) and offset > 0:
                queue.go_back_to(max(0, offset - limit))
                continue
            last = len(rows) < limit
            fresh = [row for row in rows if str(row.get("id")) not in tail]
            yield Page(fresh, offset, ids[-overlap:], last)
            if last:
                return
            tail = frozenset(ids[-overlap:])
    finally:
        await queue.close()


class _Queue:
    """Pages on their way, in their order."""

    def __init__(self, ask: Ask, start: int, *, limit: int, step: int, ahead: int) -> None:
        self._ask = ask
        self._limit = limit
        self._step = step
        self._ahead = ahead
        self._offset = start
        self._tasks: deque[tuple[int, asyncio.Task[list[Json]]]] = deque()

    async def next(self) -> tuple[int, list[Json]]:
        while len(self._tasks) <= self._ahead:
            task = asyncio.ensure_future(self._ask(self._limit, self._offset))
            self._tasks.append((self._offset, task))
            self._offset += self._step
        offset, first = self._tasks.popleft()
        try:
            return offset, await first
        except asyncio.CancelledError:
            first.cancel()
            raise

    def go_back_to(self, offset: int) -> None:
        self._drop()
        self._offset = offset

    async def close(self) -> None:
        dropped = self._drop()
        if dropped:
            await asyncio.wait(dropped)

    def _drop(self) -> list[asyncio.Task[list[Json]]]:
        dropped = [task for _, task in self._tasks]
        self._tasks.clear()
        for task in dropped:
            task.cancel()
            # Whatever became of it: nobody waits for it any more.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return dropped
