"""Old rows are forgotten in small steps; what is open or dead stays, and duplicates do no harm."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.service import retention
from clerk_sync.service.retention import STEP_ROWS, Retention
from clerk_sync.store.session import connect

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = connect(database_url, pool_size=2, application="test")
    yield made
    await made.dispose()


def fill(url: str, rows: int) -> None:
    """One row in ten is young; of every ten old ones one is dead, one received."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO inbox (svix_id, event_type, payload, state, attempts, applications,
                               deliveries, received_at, applied_at, claimable_at, wake_at, wakes)
            SELECT 'msg_' || n, 'user.created', '{}',
                   CASE n %% 10 WHEN 1 THEN 'dead' WHEN 2 THEN 'received' WHEN 3 THEN 'ignored'
                               WHEN 4 THEN 'ignored_stale' ELSE 'applied' END,
                   0, 0, 1, now() - (CASE n %% 10 WHEN 0 THEN 1 ELSE 30 END) * interval '1 day',
                   NULL, now(), now(), 0
            FROM generate_series(1, %s) AS n
            """,
            [rows],
        )
        connection.execute("""
            INSERT INTO closed_sessions (session_id, status, closed_at)
            VALUES ('old', 'ended', now() - interval '30 days'), ('new', 'ended', now())
        """)


def left(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        return Counter(row[0] for row in connection.execute("SELECT state FROM inbox"))


async def test_only_what_is_finished_and_old_is_deleted_step_by_step(
    engine: AsyncEngine, database_url: str
) -> None:
    fill(database_url, 3000)
    purged: Counter[str] = Counter()
    kept = Retention(engine, keep_days=None, on_purge=lambda table, n: purged.update({table: n}))
    await kept.step()
    assert left(database_url).total() == 3000
    forgets = Retention(engine, keep_days=7, on_purge=lambda table, n: purged.update({table: n}))
    await forgets.step()
    assert 3000 - STEP_ROWS <= left(database_url).total() < 3000
    for _ in range(4):
        await forgets.step()
    assert left(database_url) == {"dead": 300, "received": 300, "applied": 300}
    assert purged == {"inbox": 2100, "closed_sessions": 1}


async def test_after_the_end_it_rests_and_then_finds_what_has_grown_old(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database_url, 10)
    forgets = Retention(engine, keep_days=7, on_purge=lambda *_: None)
    await forgets.step()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE inbox SET state = 'applied'")
        connection.execute("UPDATE inbox SET received_at = now() - interval '8 days'")
    await forgets.step()
    assert left(database_url).total() == 3  # it rests
    monkeypatch.setattr(retention, "REST_S", 0.0)
    again = Retention(engine, keep_days=7, on_purge=lambda *_: None)
    await again.step()
    assert left(database_url).total() == 0


async def test_a_duplicate_of_a_forgotten_webhook_changes_nothing(
    service: Any, engine: AsyncEngine, database_url: str
) -> None:
    svix_id = await service.deliver("user.created", version=1000)
    await service.apply(svix_id)
    await service.process("user.updated", version=2000)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE inbox SET received_at = now() - interval '8 days'")
    await Retention(engine, keep_days=7, on_purge=lambda *_: None).step()
    assert left(database_url).total() == 0
    assert await service.process("user.created", version=1000, svix_id=svix_id) == "ignored_stale"
    assert (await service.user())["first_name"] == "Version 2000"
    assert [kind for _, kind in await service.effects()] == ["welcome"]


async def test_two_sweepers_do_not_stand_in_each_others_way(
    engine: AsyncEngine, database_url: str
) -> None:
    fill(database_url, 2000)
    both = [Retention(engine, keep_days=7, on_purge=lambda *_: None) for _ in range(2)]
    for _ in range(4):
        await asyncio.gather(*(one.step() for one in both))
    assert left(database_url).total() == 600
