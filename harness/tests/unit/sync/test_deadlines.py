"""One timer for many: late ones are struck in time and in order, others never."""

import asyncio
from itertools import pairwise

import pytest

from clerk_sync.service.deadlines import Deadlines

pytestmark = pytest.mark.asyncio


async def test_what_has_not_ended_is_struck_in_order_and_not_before_its_time() -> None:
    loop = asyncio.get_running_loop()
    struck: list[tuple[int, float]] = []
    all_struck = asyncio.Event()

    def strike(number: int) -> None:
        struck.append((number, loop.time()))
        if number == 9:
            all_struck.set()

    deadlines = Deadlines[int](0.05, strike)
    begun = {}
    for number in range(10):
        begun[number] = loop.time()
        deadlines.begin(number)
        await asyncio.sleep(0.002)
    assert all(deadlines.end(number) for number in range(0, 8, 2))
    async with asyncio.timeout(5):
        await all_struck.wait()
    assert [number for number, _ in struck] == [1, 3, 5, 7, 8, 9]
    assert all(at - begun[number] >= 0.05 for number, at in struck)
    assert all(first <= second for (_, first), (_, second) in pairwise(struck))
    assert not deadlines.end(1)


async def test_it_strikes_again_after_nothing_was_left() -> None:
    struck: asyncio.Queue[str] = asyncio.Queue()
    deadlines = Deadlines[str](0.01, struck.put_nowait)
    for name in ("first", "second"):
        deadlines.begin("in time")
        deadlines.end("in time")
        deadlines.begin(name)
        async with asyncio.timeout(5):
            assert await struck.get() == name
