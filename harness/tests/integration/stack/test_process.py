import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from clerk_harness.stack import Command, Process, StackError, Workspace
from clerk_harness.waiting import eventually

SLEEP = "import time; time.sleep(600)"
# A child in a session of its own, and a grandchild that a middleman left to init.
FAMILY = f"""
import os, subprocess, sys, time
sleeper = [sys.executable, "-S", "-c", {SLEEP!r}]
child = subprocess.Popen(sleeper, start_new_session=True)
middle = (
    "import subprocess, sys; quiet = subprocess.DEVNULL\\n"
    "print(subprocess.Popen(sys.argv[1:], start_new_session=True, stdout=quiet).pid)"
)
orphan = subprocess.check_output([sys.executable, "-c", middle, *sleeper], text=True)
print(child.pid, orphan, flush=True)
time.sleep(600)
"""


def python(workspace: Workspace, code: str, **options: object) -> Process:
    return workspace.spawn(Command("child", [sys.executable, "-c", code], **options))


def family(workspace: Workspace) -> tuple[Process, list[int]]:
    process = python(workspace, FAMILY)
    pids = [int(word) for word in process.wait_for_line(within=10).split()]
    return process, [process.pid, *pids]


def test_the_ready_line_is_returned_past_other_output(workspace: Workspace) -> None:
    process = python(workspace, "print('hello'); print('{1}'); " + SLEEP)
    assert process.wait_for_line(within=10, starts_with="{") == "{1}"
    assert process.running()


def test_a_process_that_dies_at_start_is_reported_in_one_line_with_its_last_words(
    workspace: Workspace,
) -> None:
    process = python(workspace, "import sys; sys.exit('port 1 is\\nnot mine')")
    with pytest.raises(
        StackError, match=r"child ended with status 1 .*port 1 is \| not mine"
    ) as told:
        process.wait_for_line(within=10, starts_with="{")
    assert "\n" not in str(told.value)
    assert told.value.subject == "child"


def test_a_silent_process_is_given_up_after_the_limit(workspace: Workspace) -> None:
    with pytest.raises(StackError, match=r"child was not ready within 0\.2 s"):
        python(workspace, SLEEP).wait_for_line(within=0.2)


def test_a_program_that_does_not_exist_is_named(workspace: Workspace) -> None:
    with pytest.raises(StackError, match=r"child cannot be started \(/nowhere/tool"):
        workspace.spawn(Command("child", ["/nowhere/tool"]))


def test_kill_reaches_other_sessions_and_orphans(
    workspace: Workspace, alive: Callable[[int], bool]
) -> None:
    process, pids = family(workspace)
    assert all(map(alive, pids))
    process.kill()
    assert not any(map(alive, pids))
    assert process.returncode == -signal.SIGKILL


def test_kill_leaves_other_processes_of_the_run_alone(workspace: Workspace) -> None:
    other = python(workspace, SLEEP)
    python(workspace, SLEEP).kill()
    assert other.running()


def test_freeze_stops_the_whole_tree_and_thaw_lets_it_go_on(workspace: Workspace) -> None:
    process, pids = family(workspace)
    process.freeze()
    eventually(
        lambda: {psutil.Process(pid).status() for pid in pids} == {psutil.STATUS_STOPPED}, within=5
    )
    assert process.running()
    process.thaw()
    eventually(
        lambda: psutil.STATUS_STOPPED not in {psutil.Process(pid).status() for pid in pids},
        within=5,
    )


def test_a_frozen_tree_can_be_killed(workspace: Workspace, alive: Callable[[int], bool]) -> None:
    process, pids = family(workspace)
    process.freeze()
    process.kill()
    assert not any(map(alive, pids))


def test_terminate_lets_the_process_say_goodbye_and_ends_what_it_left(
    workspace: Workspace, alive: Callable[[int], bool]
) -> None:
    polite = "import signal, sys; signal.signal(15, lambda *_: sys.exit('bye'))\n"
    process = python(workspace, polite + FAMILY)
    pids = [int(word) for word in process.wait_for_line(within=10).split()]
    process.terminate(grace_s=10)
    assert process.returncode == 1
    assert process.log_tail(1) == "bye"
    assert not any(map(alive, pids))


def test_terminate_kills_what_ignores_it(workspace: Workspace) -> None:
    process = python(workspace, f"import signal; signal.signal(15, 1); print('up'); {SLEEP}")
    process.wait_for_line(within=10)
    process.terminate(grace_s=0.1)
    assert process.returncode == -signal.SIGKILL


def test_the_log_tail_is_of_this_process_only(workspace: Workspace) -> None:
    python(workspace, "print('first')").wait(10)
    second = python(workspace, "print('one'); print('two')")
    second.wait(10)
    assert second.log_tail() == "one\ntwo"
    assert second.log_tail(1) == "two"


def test_variables_are_added_or_replace_the_environment(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_OWNER", "yes")
    code = "import os; print(os.environ.get('OF_THE_OWNER'), os.environ['MINE'])"
    added = python(workspace, code, env={"MINE": "1"})
    added.wait(10)
    alone = python(workspace, code, env={"MINE": "2"}, inherit_env=False)
    alone.wait(10)
    assert (added.log_tail(), alone.log_tail()) == ("yes 1", "None 2")


def test_a_child_holds_no_terminal_or_pipe_of_the_owner(
    workspace: Workspace, tmp_path: Path
) -> None:
    with (tmp_path / "open").open("w"):
        process = python(workspace, "print('up'); " + SLEEP)
        process.wait_for_line(within=10)
        held = {str(fd.readlink()) for fd in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert held == {"/dev/null", str(process.log_path)}
    assert os.getsid(process.pid) == process.pid


def test_a_closed_workspace_starts_nothing(workspace: Workspace) -> None:
    workspace.close()
    with pytest.raises(StackError, match="the workspace is closed"):
        python(workspace, SLEEP)
