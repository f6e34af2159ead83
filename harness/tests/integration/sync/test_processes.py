"""The four processes as they are run: faults, recovery, start and stop."""

import socket
import subprocess
import sys
import time
from typing import Any

from running import Processes, echoed

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually


def test_a_worker_killed_in_the_middle_leaves_the_work_to_another_that_does_it_once(
    processes: Processes, clerk_double: Any
) -> None:
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1000, "first_name": "Clerk"}
    first = processes.deliver("user.created")
    processes.wait_applied([first], within=10)
    clerk_double.gate.clear()
    tied = processes.deliver("user.updated", first_name="From the second")
    eventually(lambda: clerk_double.asked, within=10)
    assert processes.row(tied)["state"] == "applying"
    processes.worker.kill()
    clerk_double.gate.set()
    processes.start("worker")
    row = processes.wait_applied([tied], within=15)[0]
    assert (row["attempts"], row["applications"]) == (2, 1)
    assert len(processes.get("/effects")["data"]) == 1


def test_the_worker_consumes_again_after_every_loss_of_redis_and_nothing_is_lost(
    processes: Processes, mortal: Stack
) -> None:
    sent = []
    for lost in range(5):
        sent.extend(processes.deliver("user.created", f"user_{lost}_{n}") for n in range(5))
        mortal.redis.kill()
        sent.extend(processes.deliver("user.created", f"user_{lost}_{n}") for n in range(5, 10))
        mortal.redis.restart()
        eventually(lambda: echoed(processes.url), within=10, describe="an echo of the worker")
    rows = processes.wait_applied(sent, within=15)
    assert {row["applications"] for row in rows} == {1}
    assert len(processes.get("/effects?limit=1000")["data"]) == len(sent)


def test_a_worker_that_was_busy_while_redis_was_lost_does_not_go_deaf(
    processes: Processes, mortal: Stack, clerk_double: Any
) -> None:
    busy = ["user_1", "user_2"]  # as many as the worker has pool processes
    processes.wait_applied([processes.deliver("user.created", name) for name in busy], within=10)
    for name in busy:
        clerk_double.users[name] = {"id": name, "updated_at": 1000}
    clerk_double.gate.clear()
    tied = [processes.deliver("user.updated", name, first_name="Other") for name in busy]
    eventually(lambda: len(clerk_double.asked) == len(busy), within=10)
    mortal.redis.kill()
    clerk_double.gate.set()
    processes.wait_applied(tied, within=10)
    mortal.redis.restart()
    eventually(lambda: echoed(processes.url), within=10, describe="an echo of the worker")


def test_the_worker_consumes_again_after_redis_was_frozen(
    processes: Processes, mortal: Stack
) -> None:
    for name in ("user_1", "user_2"):
        mortal.redis.freeze()
        try:
            sent = processes.deliver("user.created", name)
            assert processes.row(sent)["state"] == "received"
        finally:
            mortal.redis.thaw()
        processes.wait_applied([sent], within=15)
        eventually(lambda: echoed(processes.url), within=10, describe="an echo of the worker")


def test_after_postgres_was_killed_and_restarted_everything_is_applied_once(
    processes: Processes, mortal: Stack
) -> None:
    sent = []
    for lost in range(3):
        sent.extend(processes.deliver("user.created", f"user_{lost}_{n}") for n in range(10))
        mortal.postgres.kill()
        assert processes.post("user.created", "user_refused")[1] == 503
        mortal.postgres.restart()
        sent.extend(processes.deliver("user.created", f"user_{lost}_{n}") for n in range(10, 20))
    rows = processes.wait_applied(sent, within=20)
    assert {row["applications"] for row in rows} == {1}


def test_every_process_ends_within_three_seconds_of_sigterm(processes: Processes) -> None:
    processes.wait_applied([processes.deliver("user.created")], within=10)
    for process in (processes.sweeper, processes.worker, processes.api):
        started = time.monotonic()
        process.terminate(grace_s=10)
        assert process.returncode == 0, process.log_tail(10)
        assert time.monotonic() - started < 3, process.name


def test_the_worker_ends_on_sigterm_also_without_redis(processes: Processes, mortal: Stack) -> None:
    mortal.redis.kill()
    try:
        started = time.monotonic()
        processes.worker.terminate(grace_s=10)
        processes.sweeper.terminate(grace_s=10)
        assert time.monotonic() - started < 6
        assert processes.worker.returncode is not None
    finally:
        mortal.redis.restart()


def _role(env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "clerk_sync", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_a_missing_or_bad_option_is_one_line_and_exit_3(env: dict[str, str]) -> None:
    without_url = {name: value for name, value in env.items() if name != "DATABASE_URL"}
    for environment, arguments, named in (
        (without_url, ["migrate"], "DATABASE_URL"),
        (env, ["api", "--port", "many"], "--port"),
        (env, ["nonsense"], "nonsense"),
        (env | {"CLERK_WEBHOOK_SIGNING_SECRET": "whsec_a"}, ["api"], "SIGNING_SECRET"),
    ):
        done = _role(environment, *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
        assert named in done.stderr


def test_a_busy_port_is_one_line_and_exit_3(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = _role(env, "api", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert "--port" in done.stderr


def test_migrating_without_postgres_is_one_line_and_exit_1(env: dict[str, str]) -> None:
    done = _role(env | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, "migrate")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "Postgres cannot be reached" in done.stderr
