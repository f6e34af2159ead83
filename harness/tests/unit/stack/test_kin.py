import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from clerk_harness.stack import kin
from clerk_harness.waiting import eventually

NOBODY_S = "MARK=of nobody"


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, env={**os.environ, "MARK": "this"}) as process:
        eventually(lambda: "MARK" in psutil.Process(process.pid).environ(), within=5)
        yield process
        process.kill()


def test_a_birth_names_one_process_for_good(sleeper: "subprocess.Popen[bytes]") -> None:
    born = kin.birth(sleeper.pid)
    assert born is not None
    assert born == kin.birth(sleeper.pid)
    sleeper.kill()
    eventually(lambda: kin.birth(sleeper.pid) is None, within=5, describe="a zombie has no birth")
    assert sleeper.poll() is not None


def test_only_the_process_that_was_meant_is_signalled(sleeper: "subprocess.Popen[bytes]") -> None:
    born = kin.birth(sleeper.pid)
    assert not kin.send(sleeper.pid, born + 1, signal.SIGKILL)
    assert sleeper.poll() is None
    assert kin.send(sleeper.pid, born, signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL
    assert not kin.send(sleeper.pid, born, signal.SIGKILL)


def test_kin_are_known_by_birth_and_by_mark(sleeper: "subprocess.Popen[bytes]") -> None:
    born = kin.birth(sleeper.pid)
    expected = {sleeper.pid: born}
    assert kin.kin([(sleeper.pid, born)], mark=NOBODY_S) == expected
    assert kin.kin([], mark="MARK=this") == expected
    assert kin.kin([(sleeper.pid, born + 1)], mark="MARK=thi") == {}


def test_records_of_the_dead_are_no_kin(sleeper: "subprocess.Popen[bytes]") -> None:
    sleeper.kill()
    sleeper.wait()
    assert kin.kin([(sleeper.pid, None), (sleeper.pid, 1.0)], mark=NOBODY_S) == {}


def test_one_never_counts_oneself_or_one_s_ancestors() -> None:
    parent, grandparent = os.getppid(), psutil.Process(os.getppid()).ppid()
    roots = [(pid, kin.birth(pid)) for pid in (os.getpid(), parent, grandparent)]
    family = kin.kin(roots, mark=NOBODY_S)
    assert not {os.getpid(), parent, grandparent} & set(family)


def test_end_waits_until_all_are_gone(sleeper: "subprocess.Popen[bytes]") -> None:
    kin.freeze([], mark="MARK=this")
    assert kin.end([], mark="MARK=this")
    assert sleeper.wait(0) == -signal.SIGKILL
