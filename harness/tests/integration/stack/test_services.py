"""Real servers, really killed."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from clerk_harness.stack import (
    Postgres,
    Redis,
    Stack,
    StackError,
    Workspace,
    open_stack,
)
from clerk_harness.stack.binaries import account_for_postgres
from clerk_harness.waiting import eventually

AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def shared() -> Iterator[Stack]:
    """One stack for the tests that leave it as it was; starting one is most of their time."""
    root = Path(tempfile.mkdtemp(prefix="clerk-stack-"))
    root.chmod(0o711)
    with Workspace.open("shared", root=root) as workspace:
        yield open_stack("embedded", workspace)
    shutil.rmtree(root)


@pytest.fixture
def stack(shared: Stack) -> Iterator[Stack]:
    yield shared
    for service in (shared.postgres, shared.redis):
        service.thaw()
        service.start()
    execute(shared.postgres.url, "DROP TABLE IF EXISTS kept")
    with redis.Redis.from_url(shared.redis.url) as client:
        client.flushall()


def execute(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True, sslmode="disable") as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_postgres_keeps_what_was_committed_and_its_port_over_sigkill(stack: Stack) -> None:
    postgres = stack.postgres
    url, pid = postgres.url, postgres.pid
    execute(url, "CREATE TABLE kept (id int)")
    for number in range(20):
        execute(url, f"INSERT INTO kept VALUES ({number})")  # noqa: S608 - a number
    postgres.kill()
    assert not psutil.pid_exists(pid)
    assert not postgres.healthy()
    with pytest.raises(psycopg.OperationalError):
        execute(url, "SELECT 1")
    postgres.restart()
    assert postgres.healthy()
    assert (postgres.url, postgres.pid != pid) == (url, True)
    assert execute(url, "SELECT count(*), max(id) FROM kept") == [(20, 19)]


def test_redis_keeps_what_it_acknowledged_and_its_port_over_sigkill(stack: Stack) -> None:
    broker = stack.redis
    url = broker.url
    with redis.Redis.from_url(url) as client:
        for number in range(500):
            client.rpush("kept", number)
    broker.kill()
    assert not broker.healthy()
    broker.restart()
    assert broker.healthy()
    assert broker.url == url
    with redis.Redis.from_url(url) as client:
        assert client.lrange("kept", 0, -1) == [str(number).encode() for number in range(500)]


def test_commits_are_synced(stack: Stack) -> None:
    for setting in ("fsync", "synchronous_commit"):
        assert execute(stack.postgres.url, f"SHOW {setting}") == [("on",)]


def test_only_loopback_is_served(stack: Stack) -> None:
    for service in (stack.postgres, stack.redis):
        listening = [
            connection.laddr
            for process in [psutil.Process(service.pid)]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == [("127.0.0.1", service.port)]


def test_freezing_stops_sessions_too_and_closes_nothing(stack: Stack) -> None:
    postgres = stack.postgres
    with psycopg.connect(postgres.url, autocommit=True) as session:
        backend = psutil.Process(session.info.backend_pid)
        postgres.freeze()
        stack.redis.freeze()
        eventually(lambda: backend.status() == psutil.STATUS_STOPPED, within=5)
        assert not postgres.healthy()
        assert not stack.redis.healthy()
        with socket.create_connection(("127.0.0.1", postgres.port), timeout=5):
            pass
        postgres.thaw()
        stack.redis.thaw()
        assert session.execute("SELECT 1").fetchall() == [(1,)]
    assert postgres.healthy()
    assert stack.redis.healthy()


def test_an_orderly_stop_keeps_data_and_port(stack: Stack) -> None:
    postgres = stack.postgres
    url = postgres.url
    execute(url, "CREATE TABLE kept ()")
    with psycopg.connect(url):
        postgres.stop()
    assert "database system is shut down" in postgres.log_tail()
    assert not postgres.healthy()
    postgres.start()
    assert execute(url, "SELECT * FROM kept") == []
    assert postgres.url == url


def test_starting_twice_is_starting_once(stack: Stack) -> None:
    pids = stack.postgres.pid, stack.redis.pid
    stack.postgres.start()
    stack.redis.start()
    assert (stack.postgres.pid, stack.redis.pid) == pids


def test_a_database_of_one_s_own_can_be_created_once(stack: Stack) -> None:
    url = stack.postgres.create_database('odd "name"')
    assert execute(url, "SELECT current_database()") == [('odd "name"',)]
    with pytest.raises(StackError, match=r"cannot be created.*exists"):
        stack.postgres.create_database('odd "name"')


def test_the_user_s_own_postgres_settings_do_not_matter(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    postgres = Postgres(workspace)
    postgres.start()
    assert postgres.healthy()


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to another account")
def test_as_root_postgres_runs_as_somebody_else(stack: Stack) -> None:
    server = psutil.Process(stack.postgres.pid)
    assert 0 not in server.uids()
    assert 0 not in server.gids()
    assert server.username() == account_for_postgres().name


@pytest.mark.parametrize("kind", [Postgres, Redis])
def test_a_stranger_on_our_port_is_not_our_server(
    kind: type, stack: Stack, workspace: Workspace
) -> None:
    ours = stack.postgres if kind is Postgres else stack.redis
    ours.kill()
    theirs = kind(workspace, port=ours.port)
    theirs.start()
    assert theirs.healthy()
    assert not ours.healthy()
    with pytest.raises(StackError, match="is taken by another program"):
        ours.restart()
    theirs.kill()
