"""One worker stands still, at each boundary of its work in turn, while another one goes by."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from clerk_model import ClerkModel, Message
from mortal_worker import Stop, work

from clerk_sync.config import Settings
from clerk_sync.store.deliveries import Delivery, insert_deliveries
from clerk_sync.store.lasting import LastingConnection
from clerk_sync.store.session import connect, transaction
from clerk_sync.store.users import StoredUser, load_users

pytestmark = pytest.mark.asyncio

BOUNDARIES = 20
"""More than a batch of one webhook has."""
OVERTAKING_S = 0.2


class Race:
    """Two workers on the same records of one Clerk."""

    def __init__(self, settings: Settings, number: int) -> None:
        self.settings = replace(settings, max_attempts=1000)
        self.clerk = ClerkModel(f"race{number}")
        self.address = f"x_{number}@example.com"

    def next_message(self) -> Message:
        """Return what was sent last, some time after what came before."""
        self.clerk.now += 5000
        return self.clerk.sent[-1]

    async def arrive(self, *messages: Message) -> None:
        engine = connect(self.settings.database_url, pool_size=1, application="test")
        lasting = LastingConnection(engine)
        bodies = [json.dumps({"type": each.event_type, "data": each.data}) for each in messages]
        deliveries = [
            Delivery(each.svix_id, each.event_type, each.data["id"], body)
            for each, body in zip(messages, bodies, strict=True)
        ]
        await insert_deliveries(lasting, deliveries, sweep_after_s=0)
        await lasting.close()
        await engine.dispose()

    async def run(self, first: Message, second: Message, stands_at: int) -> None:
        """Let one worker stand while another one passes, then work until all is done."""
        stop = Stop(stands_at)
        slow = asyncio.ensure_future(self.work(first, stop))
        await asyncio.wait([slow, stop.task()], return_when=asyncio.FIRST_COMPLETED)
        self.end_leases()
        fast = asyncio.ensure_future(self.work(second))
        # It is through by then, or waits for a lock of the other one.
        await asyncio.wait([fast], timeout=OVERTAKING_S)
        stop.go_on()
        await asyncio.gather(slow, fast)
        refused = "SELECT last_error FROM inbox WHERE last_error LIKE 'Postgres refuses%'"
        assert self.query(refused) == []
        for _ in range(3):
            self.end_leases()
            for message in (first, second):
                await self.work(message)

    async def work(self, message: Message, stop: Stop | None = None) -> None:
        await work([message.svix_id], settings=self.settings, clerk=self.clerk, stop=stop)

    def end_leases(self) -> None:
        self.query(
            "UPDATE inbox SET claimable_at = clock_timestamp() WHERE state = 'applying' RETURNING 1"
        )

    def query(self, query: str) -> list[Any]:
        with psycopg.connect(self.settings.database_url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    async def stored(self, clerk_id: str) -> StoredUser:
        engine = connect(self.settings.database_url, pool_size=1, application="test")
        async with transaction(engine) as connection:
            found = await load_users(connection, [clerk_id])
        await engine.dispose()
        return found[clerk_id]


@pytest.fixture(params=range(BOUNDARIES))
def stands_at(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def race(settings: Settings, stands_at: int) -> Iterator[Race]:
    race = Race(settings, stands_at)
    yield race
    assert race.query("SELECT svix_id FROM inbox WHERE applications > 1") == []
    assert race.query("SELECT state FROM inbox WHERE state IN ('applying', 'failed')") == []


async def test_who_was_given_up_does_not_apply_a_second_time(race: Race, stands_at: int) -> None:
    user = race.clerk.create(race.address)
    message = race.next_message()
    await race.arrive(message)
    await race.run(message, message, stands_at)
    assert (await race.stored(user.clerk_id)).active
    assert race.query("SELECT kind FROM effects") == [("welcome",)]
    assert race.query("SELECT action FROM audit_log") == [("user.created",)]


async def test_an_older_version_never_covers_a_newer_one(race: Race, stands_at: int) -> None:
    user = race.clerk.create()
    older = race.next_message()
    race.clerk.rename(user)
    newer = race.next_message()
    await race.arrive(older, newer)
    await race.run(older, newer, stands_at)
    assert (await race.stored(user.clerk_id)).first_name == user.first_name


async def test_two_who_claim_a_free_address_take_turns(race: Race, stands_at: int) -> None:
    one = race.clerk.create(race.address)
    first = race.next_message()
    other = race.clerk.create()
    race.clerk.move(race.address, other)
    second = race.next_message()
    await race.arrive(first, second)
    await race.run(first, second, stands_at)
    assert (await race.stored(one.clerk_id)).emails == ()
    assert [each.email_address for each in (await race.stored(other.clerk_id)).emails]


async def test_whoever_loses_an_address_keeps_what_else_is_new_of_them(
    race: Race, stands_at: int
) -> None:
    one = race.clerk.create(race.address)
    await race.arrive(created := race.next_message())
    await race.work(created)
    other = race.clerk.create()
    race.clerk.move(race.address, other)
    claim = race.next_message()
    race.clerk.rename(one)
    renamed = race.next_message()
    await race.arrive(claim, renamed)
    await race.run(claim, renamed, stands_at)
    assert (await race.stored(one.clerk_id)).first_name == one.first_name
    assert (await race.stored(one.clerk_id)).emails == ()
