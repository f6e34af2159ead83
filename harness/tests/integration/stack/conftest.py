"""A runtime folder of the test's own, and owners: other processes that open a workspace."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from clerk_harness.stack import Workspace
from clerk_harness.waiting import eventually

OWNER = """
import json, os, signal, sys, time
from pathlib import Path
from clerk_harness.stack import *
def tell(**facts):
    print(json.dumps({"pid": os.getpid(), **facts}), flush=True)
SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
"""


class Owner:
    """A process of its own that runs a script with a workspace in it."""

    def __init__(self, script: str, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER + script],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **env},
            start_new_session=True,
        )

    def facts(self) -> dict:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        assert ready, "the owner said nothing for 20 s"
        return json.loads(self.process.stdout.readline())

    def end(self, signum: int = signal.SIGKILL) -> None:
        self.process.send_signal(signum)
        self.process.wait(20)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Not ``tmp_path``, whose parents are closed to the account that Postgres drops to."""
    folder = Path(tempfile.mkdtemp(prefix="clerk-stack-"))
    folder.chmod(0o711)
    monkeypatch.setenv("CLERK_HARNESS_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def workspace(runtime: Path) -> Iterator[Workspace]:
    with Workspace.open("test", root=runtime) as opened:
        yield opened
    assert not opened.folder.exists()


@pytest.fixture
def owner(runtime: Path) -> Iterator[Callable[..., Owner]]:
    started = []

    def start(script: str, **env: str) -> Owner:
        started.append(Owner(script, **env))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()
        one.process.stdout.close()
    pids = {one.process.pid for one in started}
    eventually(lambda: not runs_of(pids, runtime), within=10, describe="all runs reaped")


def runs_of(pids: set[int], runtime: Path) -> list[Path]:
    """Run folders of these owners, and those whose removal is under way."""
    found = []
    for folder in runtime.glob("runs/*"):
        try:
            record = json.loads((folder / "owner.json").read_text())
        except FileNotFoundError:
            record = None
        if folder.exists() and (record is None or record["pid"] in pids):
            found.append(folder)
    return found


@pytest.fixture
def alive() -> Callable[[int], bool]:
    def check(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return check


@pytest.fixture
def mentioning() -> Callable[[str], list[int]]:
    """Pids of all processes whose arguments or environment hold a text, guardians included."""

    def find(text: str) -> list[int]:
        found = []
        for process in psutil.process_iter():
            try:
                held = [*process.cmdline(), *process.environ().values()]
            except psutil.Error:
                continue
            if process.pid != os.getpid() and any(text in one for one in held):
                found.append(process.pid)
        return found

    return find
