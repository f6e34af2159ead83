"""An alarm rings once, whoever turns the clock."""

import asyncio

import pytest

from clerk_fake.clock import Clock
from clerk_fake.faults.alarm import Alarm

pytestmark = pytest.mark.asyncio


class Bell:
    def __init__(self) -> None:
        self.rung = 0
        self.heard = asyncio.Event()

    def __call__(self) -> None:
        self.rung += 1
        self.heard.set()


async def test_it_rings_when_the_clock_is_turned_and_no_more_afterwards() -> None:
    clock, bell = Clock(), Bell()
    clock.turn(frozen=True)
    Alarm(clock, clock.now_ms() + 60_000, bell)

    clock.advance(59_999)
    assert bell.rung == 0
    clock.advance(1)
    clock.advance(60_000)

    assert bell.rung == 1


async def test_it_rings_by_itself_while_the_clock_runs() -> None:
    clock, bell = Clock(), Bell()
    Alarm(clock, clock.now_ms() + 50, bell)

    async with asyncio.timeout(5):
        await bell.heard.wait()

    assert bell.rung == 1


async def test_it_rings_at_once_when_it_is_too_late() -> None:
    clock, bell = Clock(), Bell()

    Alarm(clock, clock.now_ms(), bell)

    assert bell.rung == 1


async def test_it_does_not_ring_when_it_was_stopped() -> None:
    clock, bell = Clock(), Bell()
    alarm = Alarm(clock, clock.now_ms() + 60_000, bell)

    alarm.stop()
    clock.advance(120_000)

    assert bell.rung == 0
    assert alarm._timer is None


async def test_a_clock_that_is_thawed_rings_it_in_real_time() -> None:
    clock, bell = Clock(), Bell()
    clock.turn(frozen=True)
    alarm = Alarm(clock, clock.now_ms() + 50, bell)
    assert alarm._timer is None

    clock.turn(frozen=False)
    async with asyncio.timeout(5):
        await bell.heard.wait()

    assert bell.rung == 1
