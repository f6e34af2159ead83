"""The sweeper: finds what nobody was woken for, and does not flood the workers."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import BrokerUnavailableError
from clerk_sync.service.sweep import BUSY_QUEUE, Sweep
from clerk_sync.store.session import connect

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    opened = connect(database_url, pool_size=2, application="test")
    yield opened
    await opened.dispose()


class Queue:
    """Stands for Celery's queue: says how full it is and remembers who was woken."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.depth = 0
        self.down = False

    def wake(self, svix_ids: Sequence[str]) -> None:
        if self.down:
            raise BrokerUnavailableError("down")
        self.woken.extend(svix_ids)

    def queued(self) -> int:
        return self.depth


async def _sweep_until(sweep: Sweep, done: Any, *, within: float) -> None:
    """Sweep as fast as it goes until something is so; the database's clock decides what is due."""
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline
        await sweep.run_once()


async def test_a_webhook_is_woken_for_when_it_is_a_second_old_and_then_ever_more_rarely(
    service: Any, engine: AsyncEngine
) -> None:
    queue = Queue()
    sweep = Sweep(engine, wake=queue.wake, queued=queue.queued)
    svix_id = await service.deliver("user.created")
    started = time.monotonic()
    await _sweep_until(sweep, lambda: queue.woken, within=4)
    assert time.monotonic() - started > 0.9
    await _sweep_until(sweep, lambda: len(queue.woken) == 2, within=4)
    assert time.monotonic() - started > 1.9
    await _sweep_until(sweep, lambda: len(queue.woken) == 3, within=6)
    assert time.monotonic() - started > 3.9
    assert queue.woken == [svix_id] * 3
    await service.apply(svix_id)
    assert await sweep.run_once() == 0


async def test_while_the_queue_is_long_nobody_is_woken(service: Any, engine: AsyncEngine) -> None:
    queue = Queue()
    sweep = Sweep(engine, wake=queue.wake, queued=queue.queued)
    await service.deliver("user.created")
    await _sweep_until(sweep, lambda: queue.woken, within=4)
    queue.depth = BUSY_QUEUE
    await service.deliver("user.created", "user_2")
    deadline = time.monotonic() + 1.3
    while time.monotonic() < deadline:
        assert await sweep.run_once() == 0


async def test_while_redis_is_down_the_same_webhooks_stay_due(
    service: Any, engine: AsyncEngine
) -> None:
    queue = Queue()
    sweep = Sweep(engine, wake=queue.wake, queued=queue.queued)
    svix_id = await service.deliver("user.created")
    queue.down = True
    with pytest.raises(BrokerUnavailableError):
        await _sweep_until(sweep, lambda: False, within=4)
    for _ in range(5):
        with pytest.raises(BrokerUnavailableError):
            await sweep.run_once()
    queue.down = False
    assert await sweep.run_once() == 1
    assert queue.woken == [svix_id]
