"""Migrations: up and down with data, what the code expects, and the indexes that queries need."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from clerk_harness.stack import Stack
from clerk_sync.migrate import head_revision, migrate
from clerk_sync.store.models import METADATA, SCHEMA_REVISION


@pytest.fixture
def empty_url(stack: Stack) -> str:
    return stack.postgres.create_database(f"migrations_{uuid4().hex}")


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        return {row[0] for row in found}


def test_the_code_is_written_for_the_newest_revision() -> None:
    assert head_revision() == SCHEMA_REVISION


def test_the_migrated_schema_is_the_one_of_the_models(empty_url: str) -> None:
    migrate(empty_url)
    engine = create_engine(make_url(empty_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


@pytest.mark.asyncio
async def test_down_and_up_again_with_data_in_the_tables(service: Any, database_url: str) -> None:
    await service.process("user.created")
    await service.process("session.ended", "sess_1", user_id="user_1")
    await service.deliver("user.updated", "user_2")
    await asyncio.to_thread(migrate, database_url, "base")
    assert _tables(database_url) == {"alembic_version"}
    ready = await service.http.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert (await service.post("user.created"))[1].status_code == 503
    await asyncio.to_thread(migrate, database_url)
    await asyncio.to_thread(migrate, database_url)
    await service.process("user.created")
    assert (await service.user())["active"] is True


def test_two_that_migrate_at_once_take_turns(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate, [empty_url, empty_url]))
    assert "inbox" in _tables(empty_url)


def test_the_sweeper_and_the_gate_find_rows_by_index(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("""
            INSERT INTO inbox (svix_id, event_type, payload, state, attempts, applications,
                               deliveries, received_at, applied_at, claimable_at, wake_at, wakes)
            SELECT 'msg_' || n, 'user.created', '{}',
                   CASE WHEN n % 500 = 0 THEN 'received' ELSE 'applied' END,
                   0, 0, 1, now(), now(), now(), now(), 0
            FROM generate_series(1, 20000) AS n
        """)
        connection.execute("ANALYZE inbox")
        due = (
            "SELECT * FROM inbox WHERE state IN ('applying', 'failed', 'received') "
            "AND wake_at <= now() ORDER BY wake_at LIMIT 500"
        )
        one = "SELECT * FROM inbox WHERE svix_id = 'msg_1'"
        for query, index in ((due, "ix_inbox_wake_at"), (one, "uq_inbox_svix_id")):
            plan = "\n".join(row[0] for row in connection.execute("EXPLAIN " + query))
            assert index in plan
