"""A list that changes while it is read: nothing that is there all the while is missed."""

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clerk_sync.service.repair.paging import Page, walk


class ClerksList:
    """A list of Clerk's, to which something happens before each answer."""

    def __init__(self, rows: int, seed: int, *, most_deleted: int, most_made: int) -> None:
        self.ids = [f"user_{number}" for number in range(rows)]
        self.stayed = set(self.ids)
        self.asked: list[int] = []
        self._random = Random(seed)  # noqa: S311 - draws what happens
        self._most_deleted = most_deleted
        self._most_made = most_made

    async def ask(self, limit: int, offset: int) -> list[dict[str, Any]]:
        self.asked.append(offset)
        await asyncio.sleep(0)
        for _ in range(self._random.randint(0, self._most_deleted)):
            if self.ids:
                self.stayed.discard(self.ids.pop(self._random.randrange(len(self.ids))))
        self.ids += [
            f"new_{len(self.asked)}_{number}"
            for number in range(self._random.randint(0, self._most_made))
        ]
        return [{"id": each} for each in self.ids[offset : offset + limit]]


async def read(clerk: ClerksList, **how: int) -> list[Page]:
    return [page async for page in walk(clerk.ask, **how)]


@settings(max_examples=300, deadline=None)
@given(
    rows=st.integers(0, 60),
    seed=st.integers(0, 10_000),
    most_deleted=st.integers(0, 12),
    ahead=st.integers(0, 4),
)
def test_what_is_there_all_the_while_is_seen(
    rows: int, seed: int, most_deleted: int, ahead: int
) -> None:
    clerk = ClerksList(rows, seed, most_deleted=most_deleted, most_made=2)
    pages = asyncio.run(read(clerk, limit=7, overlap=2, ahead=ahead))
    seen = {row["id"] for page in pages for row in page.rows}
    assert clerk.stayed <= seen
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 12, 13, 100])
def test_a_list_that_stands_still_is_read_once(rows: int) -> None:
    clerk = ClerksList(rows, 0, most_deleted=0, most_made=0)
    pages = asyncio.run(read(clerk, limit=7, overlap=2, ahead=3))
    assert [row["id"] for page in pages for row in page.rows] == clerk.ids


@settings(max_examples=200, deadline=None)
@given(rows=st.integers(0, 60), cut=st.integers(0, 9), seed=st.integers(0, 10_000))
def test_whoever_goes_on_after_a_crash_misses_nothing(rows: int, cut: int, seed: int) -> None:
    clerk = ClerksList(rows, seed, most_deleted=4, most_made=2)

    async def go() -> set[str]:
        pages: list[Page] = []
        reading = walk(clerk.ask, limit=7, overlap=2)
        async for page in reading:
            pages.append(page)
            if len(pages) > cut:
                break
        await reading.aclose()
        seen = {row["id"] for page in pages for row in page.rows}
        if not pages[-1].last:
            rest = {"start": pages[-1].offset + 5, "tail": frozenset(pages[-1].tail)}
            async for page in walk(clerk.ask, **rest, limit=7, overlap=2):
                seen |= {row["id"] for row in page.rows}
        return seen

    assert clerk.stayed <= asyncio.run(go())


def test_a_page_that_cannot_be_had_ends_it_and_leaves_nothing_under_way() -> None:
    async def broken(_limit: int, offset: int) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        if offset:
            raise ConnectionError(offset)
        return [{"id": str(number)} for number in range(7)]

    async def go() -> None:
        with pytest.raises(ConnectionError, match="5"):
            async for _ in walk(broken, limit=7, overlap=2):
                pass
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(go())
