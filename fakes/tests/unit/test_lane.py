import asyncio
from collections.abc import Callable

import pytest

from clerk_fake.clock import Clock
from clerk_fake.webhooks.lane import Lane, Turn

pytestmark = pytest.mark.asyncio

WIDTH = 4


class Sent:
    """One message under way, which ends when it is told to."""

    def __init__(self, turn: Turn, done: Callable[[], None]) -> None:
        self.turn = turn
        self.end = done
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Road:
    """Where a lane sends to.

    Args:
        nothing_to_send: Ids of messages that turn out to need no sending.
    """

    def __init__(self, nothing_to_send: range = range(0)) -> None:
        self.sent: list[Sent] = []
        self.lane = Lane(Clock(), self._send, width=WIDTH)
        self._nothing_to_send = {str(number) for number in nothing_to_send}

    def _send(self, turn: Turn, done: Callable[[], None]) -> Sent | None:
        if turn.message_id in self._nothing_to_send:
            return None
        self.sent.append(Sent(turn, done))
        return self.sent[-1]

    @property
    def ids(self) -> list[str]:
        return [sent.turn.message_id for sent in self.sent]

    def add(self, *numbers: int, by_hand: bool = False) -> None:
        for number in numbers:
            self.lane.add(Turn(str(number), by_hand), 0)


async def _next_round() -> None:
    await asyncio.sleep(0)


async def test_so_many_are_under_way_at_once_and_the_others_follow_in_order() -> None:
    road = Road()

    road.add(*range(10))
    assert road.ids == ["0", "1", "2", "3"]
    road.sent[1].end()
    road.sent[3].end()
    await _next_round()

    assert road.ids == ["0", "1", "2", "3", "4", "5"]


async def test_what_needs_no_sending_takes_nobodys_place() -> None:
    road = Road(nothing_to_send=range(5_000))

    road.add(*range(5_010))

    assert road.ids == ["5000", "5001", "5002", "5003"]


async def test_draining_waits_for_what_is_under_way_and_starts_nothing_else() -> None:
    road = Road()
    road.add(*range(6))

    draining = asyncio.ensure_future(road.lane.drain(60))
    await _next_round()
    for sent in road.sent[:3]:
        sent.end()
        road.add(99)  # tried again, as it has failed
    await _next_round()
    assert not draining.done()
    road.sent[3].end()
    await asyncio.wait_for(draining, 5)

    assert len(road.sent) == WIDTH
    assert not any(sent.cancelled for sent in road.sent)


async def test_draining_breaks_off_what_does_not_end_in_time() -> None:
    road = Road()
    road.add(*range(6), by_hand=True)

    await road.lane.drain(0.02)

    assert [sent.cancelled for sent in road.sent] == [True] * WIDTH
    road.sent[0].end()  # it ended all the same: nobody is told, and nothing follows
    await _next_round()
    assert len(road.sent) == WIDTH
