"""Migrations: up and down with data in the tables, and what the code expects of the schema."""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually
from clerk_sync.errors import ConfigurationError
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


def _at_0001(url: str) -> None:
    """Fill a database of the first version, with what the second one forbids."""
    migrate(url, "0001")
    with psycopg.connect(url) as connection:
        connection.execute("""
            INSERT INTO users (clerk_id, public_metadata, private_metadata, unsafe_metadata, banned,
                               locked, active, clerk_updated_at, applied_svix_id)
            SELECT 'user_' || n, '{}', '{"nul": "\\u0000"}', '{}', false, false, true, n, 'msg_1'
            FROM generate_series(1, 500) AS n
        """)
        connection.execute("""
            INSERT INTO user_emails (clerk_id, position, email_address, verified, "primary")
            SELECT 'user_' || n, p, CASE p WHEN 0 THEN n || '@example.com' ELSE address END,
                   p < 2, p = 0
            FROM generate_series(1, 500) AS n,
                 (VALUES (0, ''), (1, 'Moved@example.com'), (2, 'claimed@example.com'))
                 AS held(p, address)
            WHERE p = 0 OR n > 498
        """)
        connection.execute("""
            INSERT INTO effects (svix_id, kind, clerk_id, created_at)
            SELECT 'msg_' || n, 'goodbye', 'user_1', now() FROM generate_series(1, 3) AS n
        """)


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_whoever_had_an_address_last_keeps_it_and_a_repeated_effect_goes(empty_url: str) -> None:
    _at_0001(empty_url)
    assert migrate(empty_url).is_current
    held = (
        "SELECT clerk_id, position FROM user_emails WHERE lower(email_address) = '%s@example.com'"
    )
    assert _rows(empty_url, held % "moved") == [("user_500", 1)]
    assert sorted(_rows(empty_url, held % "claimed")) == [("user_499", 2), ("user_500", 2)]
    assert _rows(empty_url, "SELECT svix_id FROM effects") == [("msg_1",)]
    assert _rows(empty_url, "SELECT count(*) FROM users WHERE admitted") == [(500,)]


def test_one_revision_down_and_up_keeps_what_both_versions_know(empty_url: str) -> None:
    _at_0001(empty_url)
    migrate(empty_url)
    everybody = "SELECT * FROM user_emails ORDER BY clerk_id, position"
    before = _rows(empty_url, everybody)
    assert migrate(empty_url, "0001").current == "0001"
    assert _tables(empty_url) == {
        "alembic_version",
        "inbox",
        "users",
        "user_emails",
        "closed_sessions",
        "effects",
    }
    assert migrate(empty_url).is_current
    assert _rows(empty_url, everybody) == before


def test_what_is_left_of_an_index_that_was_cut_off_is_made_anew(empty_url: str) -> None:
    migrate(empty_url, "0002")
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("CREATE INDEX ix_inbox_dead ON inbox (seq)")
    assert migrate(empty_url).is_current
    index = "SELECT indexdef LIKE '%WHERE%' FROM pg_indexes WHERE indexname = 'ix_inbox_dead'"
    assert _rows(empty_url, index) == [(True,)]
    assert migrate(empty_url, "0002").current == "0002"
    assert _rows(empty_url, index) == []


@pytest.mark.parametrize("revision", ["0004", "heads", "-1", ""])
def test_a_revision_that_is_not_there_is_a_mistake_of_usage(empty_url: str, revision: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no revision"):
        migrate(empty_url, revision)


def test_a_schema_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for revision in ("head", "base"):
        with pytest.raises(ConfigurationError, match="does not know"):
            migrate(empty_url, revision)
    assert "inbox" in _tables(empty_url)


@pytest.mark.asyncio
@pytest.mark.parametrize(("revision", "status"), [("0001", 503), ("9999", 200)])
async def test_ready_means_migrated_as_far_as_this_code_or_farther(
    service: Any, database_url: str, revision: str, status: int
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
        try:
            ready = await service.http.get("/health/ready")
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", [SCHEMA_REVISION])
    assert ready.status_code == status


def test_on_the_command_line(empty_url: str) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        env = os.environ | {"DATABASE_URL": empty_url}
        argv = [sys.executable, "-m", "clerk_sync", "migrate", *arguments]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run("--check")[0] == 2
    assert run("--to", "0001")[0] == 0
    assert run("--check") == (2, f"the schema is at 0001, not at {SCHEMA_REVISION}\n")
    assert run()[0] == 0
    assert run("--check") == (0, f"the schema is at {SCHEMA_REVISION}\n")
    assert run("--to", "0000")[0] == 3


def test_whoever_holds_a_lock_is_waited_for_without_a_queue_behind(empty_url: str) -> None:
    migrate(empty_url, "0001")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(empty_url) as holder:
        holder.execute("SELECT * FROM users")
        migrating = pool.submit(migrate, empty_url)
        with psycopg.connect(empty_url, autocommit=True) as reader:
            eventually(lambda: _waits_for_lock(reader), within=10, describe="the migration waits")
            # It waits for an exclusive lock, and this would wait behind it for ever.
            reader.execute("SET statement_timeout = '8s'")
            reader.execute("SELECT * FROM users")
        assert not migrating.done()
        holder.rollback()
        assert migrating.result(timeout=30).is_current


def _waits_for_lock(connection: psycopg.Connection[Any]) -> bool:
    waiting = connection.execute(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK%'"
        " AND datname = current_database()"
    )
    return waiting.fetchone() is not None


def test_two_that_migrate_at_once_take_turns(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate, [empty_url, empty_url]))
    assert "inbox" in _tables(empty_url)
