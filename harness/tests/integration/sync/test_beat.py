"""The ``beat`` process, and webhooks that are replayed: repairs that nobody watches."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from clerk_harness.clerk import ClerkInstance
from clerk_harness.stack import Command, Workspace
from clerk_harness.waiting import eventually
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.service.repair.schedule import Schedule
from clerk_sync.service.replay import Replayer, selection
from clerk_sync.states import State
from clerk_sync.store.session import connect, transaction


@pytest.fixture
def home() -> Iterator[Workspace]:
    with Workspace.open("clerk_sync beat") as opened:
        yield opened


def test_beat_reconciles_again_and_again_and_ends_when_it_is_told(
    clerk: ClerkInstance, clerk_env: dict[str, str], home: Workspace
) -> None:
    ada = clerk.users.create("ada@example.com", first_name="Ada")
    argv = [sys.executable, "-m", "clerk_sync", "beat"]
    env = clerk_env | {"CLERK_SYNC_RECONCILE_INTERVAL_S": "1"}
    beat = home.spawn(Command("sync-beat", argv, env))

    def name() -> Any:
        with psycopg.connect(clerk_env["DATABASE_URL"]) as connection:
            found = connection.execute("SELECT first_name FROM users").fetchone()
            return found and found[0]

    eventually(lambda: name() == "Ada", within=30, describe="the first reconcile")
    clerk.users.update(ada, first_name="Augusta")
    eventually(lambda: name() == "Augusta", within=30, describe="the second reconcile")
    beat.terminate(grace_s=10)
    assert beat.returncode == 0


@pytest.mark.asyncio
async def test_a_reconcile_is_due_after_the_interval_and_an_unfinished_one_at_once(
    clerk: ClerkInstance, clerk_settings: Settings
) -> None:
    for number in range(5):
        clerk.users.create(f"p{number}@example.com")
    engine = connect(clerk_settings.database_url, pool_size=8, application="test")
    now = datetime.now(UTC)
    async with open_http() as http:
        api = ClerkApi(http, base_url=clerk.keys.api_url, secret_key=clerk.keys.secret_key)
        schedule = Schedule(engine, api, interval_s=3600, now=lambda: now)

        async def runs() -> list[tuple[Any, ...]]:
            async with transaction(engine) as connection:
                found = await connection.execute(
                    text("SELECT finished_at IS NOT NULL FROM repair_runs ORDER BY started_at")
                )
                return [tuple(row) for row in found]

        slices = 1
        while await schedule.work(slice_s=0):
            slices += 1
            assert (await runs())[-1] == (False,)
        assert slices > 3
        assert await runs() == [(True,)]
        assert not await schedule.work()
        assert await runs() == [(True,)]
        now += timedelta(seconds=3601)
        assert not await schedule.work()
        assert await runs() == [(True,), (True,)]
    await engine.dispose()


@pytest.mark.asyncio
async def test_what_was_applied_is_replayed_without_harm(service: Any, settings: Settings) -> None:
    first = await service.deliver("user.created", version=1000)
    second = await service.deliver("user.updated", version=2000)
    gone = await service.deliver("user.created", "user_2", version=1000)
    for svix_id in (first, second, gone):
        await service.apply(svix_id)
    removed = await service.deliver("user.deleted", "user_2")
    await service.apply(removed)
    before = await service.user(), await service.user("user_2"), await service.effects()
    engine = connect(settings.database_url, pool_size=2, application="test")
    woken: list[str] = []
    replayer = Replayer(engine, wake=woken.extend, queued=lambda: 0)
    replayed = await replayer.run(selection(since=datetime.now(UTC) - timedelta(hours=1)))
    await engine.dispose()
    assert sum(replayed.counts.values()) == 4
    assert woken == [first, second, gone, removed]
    audit = [
        (entry["actor"], entry["subject"])
        for entry in (await service.get("/audit"))["data"]
        if entry["action"] == "inbox.replay"
    ]
    assert audit == [("repair", f"webhook:{svix_id}") for svix_id in woken]
    states = [await service.apply(svix_id) for svix_id in woken]
    assert set(states) <= {State.APPLIED, State.IGNORED_STALE}
    assert before == (await service.user(), await service.user("user_2"), await service.effects())
