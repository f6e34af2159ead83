"""What one process grants while nobody counts with it: a Redis that cannot be reached."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from limits import parse

from clerk_sync.service.rates.limiter import MOST_SOURCES, Limiter
from clerk_sync.service.rates.shared_permits import SharedPermits


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(steps)


async def alone(rate: str, clock: Clock) -> tuple[Limiter, SharedPermits]:
    """Return a limiter that has found out that there is no Redis."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shared = SharedPermits(f"redis://127.0.0.1:{port}/0", clock=clock)
    limiter = Limiter("test", parse(rate), shared, clock=clock)
    await limiter.spend("first")
    assert not shared.trusted
    return limiter, shared


@settings(max_examples=40, deadline=None)
@given(
    amount=st.integers(1, 60),
    steps=st.lists(st.tuples(st.floats(0, 20), st.integers(0, 80)), max_size=12),
)
def test_a_source_gets_its_limit_in_a_window_and_no_more(
    amount: int, steps: list[tuple[float, int]]
) -> None:
    async def law() -> None:
        clock = Clock()
        limiter, shared = await alone(f"{amount}/minute", clock)
        admitted: list[float] = []
        for pause, requests in steps:
            clock.now += pause
            refusals = [await limiter.spend("source") for _ in range(requests)]
            admitted += [clock.now] * refusals.count(None)
        asked = sum(requests for _, requests in steps)
        # What was not admitted was refused because the window was spent.
        assert len(admitted) == asked or len(admitted) >= amount
        # A window begins with what it admits first.
        begin, count = float("-inf"), 0
        for moment in admitted:
            if moment >= begin + 60:
                begin, count = moment, 0
            count += 1
            assert count <= amount
        await limiter.close()
        await shared.close()

    run(law())


def test_the_memory_of_sources_is_bounded() -> None:
    async def fill() -> None:
        limiter, shared = await alone("5/minute", Clock())
        for number in range(MOST_SOURCES + 100):
            assert await limiter.spend(f"source {number}") is None
        assert len(limiter._accounts) == MOST_SOURCES
        # Who came last is remembered, who came first is not.
        for _ in range(4):
            assert await limiter.spend(f"source {MOST_SOURCES + 99}") is None
        assert await limiter.spend(f"source {MOST_SOURCES + 99}") is not None
        await limiter.close()
        await shared.close()

    run(fill())
