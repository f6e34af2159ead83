"""Nothing of a run outlives its owner, and nothing else is touched."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from clerk_harness.stack import Command, Workspace
from clerk_harness.waiting import eventually

WITH_STACK = """
with Workspace.open("stack") as w:
    stack = open_stack("embedded", w)
    orphan = [sys.executable, "-c",
        "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)", *SLEEPER]
    w.spawn(Command("left alone", orphan)).wait(10)
    tell(run=w.id, ports=[stack.postgres.port, stack.redis.port])
    time.sleep(600)
"""
WITH_REDIS = """
with Workspace.open("redis") as w:
    broker = Redis(w)
    broker.start()
    tell(run=w.id, port=broker.port)
    time.sleep(600)
"""
WITH_SLEEPER = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
with Workspace.open("sleeper") as w:
    child = w.spawn(Command("sleeper", SLEEPER))
    tell(run=w.id, child=child.pid, guardian=w.guardian_pid)
    time.sleep(600)
"""
SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]


@pytest.fixture
def bystander() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    started = []

    def start(**env: str) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(SLEEPER, env={**os.environ, **env}))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def processes_of(run: str, mentioning: Callable[[str], list[int]], folder: Path) -> list[int]:
    """Also Postgres backends, which mention nothing but work in the folder."""
    here = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)):
                here.append(process.pid)
        except psutil.Error:
            continue
    return [*mentioning(run), *here]


def shared_memory() -> set[str]:
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {row.split()[1] for row in rows}


def test_a_killed_owner_leaves_no_process_port_folder_or_shared_memory(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    dying = owner(WITH_STACK)
    facts = dying.facts()
    folder = runtime / "runs" / facts["run"]
    lock = (folder / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    segment = lock[6].split()[1]
    assert segment in shared_memory()
    assert all(map(listens, facts["ports"]))
    # Guardian, left-alone sleeper, postmaster with at least three children, Redis.
    assert len(set(processes_of(facts["run"], mentioning, folder))) >= 7
    dying.end()
    eventually(lambda: not folder.exists(), within=5)
    eventually(lambda: not processes_of(facts["run"], mentioning, folder), within=5)
    assert not any(map(listens, facts["ports"]))
    assert segment not in shared_memory()


def test_an_owner_ended_by_sigterm_leaves_nothing_either(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    dying = owner(WITH_REDIS)
    facts = dying.facts()
    dying.end(signal.SIGTERM)
    eventually(lambda: not (runtime / "runs" / facts["run"]).exists(), within=5)
    eventually(lambda: not mentioning(facts["run"]), within=5)
    assert not listens(facts["port"])


def test_frozen_orphans_of_postgres_are_found_by_where_they_work(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    dying = owner(WITH_STACK)
    facts = dying.facts()
    folder = runtime / "runs" / facts["run"]
    lock = (folder / "postgres" / "data" / "postmaster.pid").read_text()
    postmaster = psutil.Process(int(lock.split()[0]))
    backends = postmaster.children()
    for backend in backends:
        backend.suspend()
    postmaster.kill()
    assert all(backend.is_running() for backend in backends)
    dying.end()
    eventually(lambda: not folder.exists(), within=5)
    eventually(lambda: not processes_of(facts["run"], mentioning, folder), within=5)


def test_with_the_guardian_killed_too_the_next_open_cleans_up(
    owner: Callable, runtime: Path, mentioning: Callable, alive: Callable
) -> None:
    dying = owner(WITH_SLEEPER)
    facts = dying.facts()
    os.kill(facts["guardian"], signal.SIGKILL)
    dying.end()
    assert alive(facts["child"])
    with Workspace.open("next", root=runtime) as following:
        assert not alive(facts["child"])
        assert [one.name for one in (runtime / "runs").iterdir()] == [following.id]
        assert not mentioning(facts["run"])


def test_look_alikes_survive_the_clean_up(
    owner: Callable, runtime: Path, bystander: Callable, alive: Callable
) -> None:
    dying = owner(WITH_SLEEPER)
    facts = dying.facts()
    living = owner(WITH_SLEEPER).facts()
    of_no_run = bystander()
    similar_id = bystander(CLERK_HARNESS_RUN=facts["run"] + "0")
    same_id_elsewhere = bystander(ANOTHER_RUN=facts["run"])
    # The pid of a child that is gone now belongs to somebody else.
    reused = {"pid": of_no_run.pid, "create_time": 1.0, "name": "gone", "program": sys.executable}
    with (runtime / "runs" / facts["run"] / "children.jsonl").open("a") as children:
        children.write(json.dumps(reused) + "\n" + '{"pid": 1, "half a li')
    os.kill(facts["guardian"], signal.SIGKILL)
    dying.end()
    with Workspace.open("next", root=runtime):
        assert not alive(facts["child"])
        assert alive(living["child"])
        assert (runtime / "runs" / living["run"]).is_dir()
        for one in (of_no_run, similar_id, same_id_elsewhere):
            assert one.poll() is None


def test_a_run_whose_owner_s_pid_was_reused_is_dead(
    owner: Callable, runtime: Path, bystander: Callable, alive: Callable
) -> None:
    dying = owner(WITH_SLEEPER)
    facts = dying.facts()
    os.kill(facts["guardian"], signal.SIGKILL)
    dying.end()
    stranger = bystander()
    record = runtime / "runs" / facts["run"] / "owner.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": stranger.pid}))
    with Workspace.open("next", root=runtime):
        assert not alive(facts["child"])
        assert stranger.poll() is None


def test_a_run_of_another_container_is_not_judged(runtime: Path, owner: Callable) -> None:
    facts = owner(WITH_SLEEPER).facts()
    elsewhere = runtime / "runs" / "elsewhere"
    elsewhere.mkdir()
    record = json.loads((runtime / "runs" / facts["run"] / "owner.json").read_text())
    boot, _, _ = record["space"].partition("/")
    (elsewhere / "owner.json").write_text(
        json.dumps({**record, "pid": 2**22, "space": f"{boot}/pid:[1]"})
    )
    with Workspace.open("next", root=runtime):
        assert elsewhere.is_dir()
    (elsewhere / "owner.json").write_text(json.dumps({**record, "space": "another boot/pid:[1]"}))
    with Workspace.open("next", root=runtime):
        assert not elsewhere.exists()


def test_two_owners_do_not_disturb_each_other(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    first, second = owner(WITH_REDIS), owner(WITH_REDIS)
    one, other = first.facts(), second.facts()
    assert one["port"] != other["port"]
    first.end()
    eventually(lambda: not mentioning(one["run"]), within=5)
    assert listens(other["port"])
    assert (runtime / "runs" / other["run"]).is_dir()


def test_a_run_inside_a_run_is_cleaned_up_by_its_own_guardian(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    inner = f"from clerk_harness.stack import *; import json, os, signal, sys, time{WITH_SLEEPER}"
    inner = inner.replace("tell(", "print(dict(").replace("_pid)", "_pid), flush=True)")
    outer = owner(
        f"""
with Workspace.open("outer") as w:
    code = "SLEEPER = " + repr(SLEEPER) + chr(10) + {inner!r}
    child = w.spawn(Command("inner", [sys.executable, "-c", code]))
    child.wait_for_line(within=10, starts_with="{{")
    tell(runs=os.listdir(w.root / "runs"))
    time.sleep(600)
"""
    )
    runs = outer.facts()["runs"]
    assert len(runs) == 2
    outer.end()
    eventually(lambda: not list((runtime / "runs").iterdir()), within=5)
    for run in runs:
        eventually(lambda run=run: not mentioning(run), within=5)


def test_ctrl_c_in_the_terminal_closes_the_workspace(
    owner: Callable, runtime: Path, mentioning: Callable
) -> None:
    interrupted = owner(WITH_SLEEPER)
    facts = interrupted.facts()
    os.killpg(interrupted.process.pid, signal.SIGINT)
    interrupted.process.wait(10)
    assert not (runtime / "runs" / facts["run"]).exists()
    assert not mentioning(facts["run"])


def test_the_guardian_is_deaf_to_all_but_sigkill(
    owner: Callable, alive: Callable, mentioning: Callable
) -> None:
    dying = owner(WITH_SLEEPER)
    facts = dying.facts()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        os.kill(facts["guardian"], signum)
    assert alive(facts["guardian"])
    dying.end()
    eventually(lambda: not mentioning(facts["run"]), within=5)


def test_an_exception_closes_the_workspace_and_passes(runtime: Path, alive: Callable) -> None:
    workspace = Workspace.open("test", root=runtime)
    child = workspace.spawn(Command("sleeper", SLEEPER))
    with pytest.raises(RuntimeError, match="mine"), workspace:
        raise RuntimeError("mine")
    assert not workspace.folder.exists()
    assert not alive(child.pid)
    assert not alive(workspace.guardian_pid)


def test_closing_goes_in_reverse_order_and_a_failure_stops_nothing(
    runtime: Path, alive: Callable
) -> None:
    def fail() -> None:
        raise RuntimeError("mine")

    order = []
    workspace = Workspace.open("test", root=runtime)
    first = workspace.spawn(Command("first", SLEEPER))
    workspace.on_close(lambda: order.append(("callback", alive(first.pid), alive(second.pid))))
    workspace.on_close(fail)
    second = workspace.spawn(Command("second", SLEEPER))
    with pytest.raises(RuntimeError, match="mine"):
        workspace.close()
    assert order == [("callback", True, False)]
    assert not alive(first.pid)
    assert not workspace.folder.exists()
    workspace.close()


def test_a_forked_copy_of_the_owner_ends_nothing(owner: Callable) -> None:
    copying = owner(
        """
with Workspace.open("fork") as w:
    child = w.spawn(Command("sleeper", SLEEPER))
    copy = os.fork()
    if copy == 0:
        w.close()
        sys.exit(0)
    os.waitpid(copy, 0)
    tell(alive=child.running(), folder=w.folder.exists())
"""
    )
    facts = copying.facts()
    assert (facts["alive"], facts["folder"]) == (True, True)


def test_a_run_can_live_as_long_as_another_process(
    owner: Callable, runtime: Path, bystander: Callable, alive: Callable
) -> None:
    controller = bystander()
    worker = owner(
        f"""
import warnings; warnings.simplefilter("error")
with Workspace.open("lent", owner_pid={controller.pid}) as w:
    child = w.spawn(Command("sleeper", SLEEPER))
    tell(run=w.id, child=child.pid)
"""
    )
    facts = worker.facts()
    # The pipe ends with the worker: guardian and child hold no copy of it.
    assert worker.process.communicate(timeout=10) == ("", None)
    assert worker.process.returncode == 0
    with Workspace.open("next", root=runtime):
        assert alive(facts["child"])
    controller.kill()
    controller.wait()
    eventually(lambda: not alive(facts["child"]), within=5)
    eventually(lambda: not (runtime / "runs" / facts["run"]).exists(), within=5)


def test_the_guardian_is_small_and_holds_nothing_open(workspace: Workspace) -> None:
    guardian = psutil.Process(workspace.guardian_pid)
    eventually(lambda: guardian.num_threads() == 1 and guardian.status() == "sleeping", within=5)
    assert guardian.memory_info().rss < 20e6
    assert os.getsid(guardian.pid) == guardian.pid
    links = [str(fd.readlink()) for fd in Path(f"/proc/{guardian.pid}/fd").iterdir()]
    assert {link for link in links if "pidfd" not in link} == {"/dev/null"}
