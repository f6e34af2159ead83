"""Several API processes on one socket: replaced, drained and never left behind; one scrape."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from clerk_harness.stack import Command, Process, Workspace
from clerk_harness.waiting import eventually

Post = Callable[..., tuple[str, int]]


class Fleet:
    """The processes, from outside."""

    def __init__(self, workspace: Workspace, env: dict[str, str]) -> None:
        self.workspace = workspace
        self.env = env
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, role: str, *arguments: str) -> Process:
        argv = [sys.executable, "-m", "clerk_sync", role, *arguments]
        return self.workspace.spawn(Command(f"sync-{role}", argv, self.env))

    def start_api(self, *arguments: str) -> Process:
        api = self.start("api", "--port", str(self.port), *arguments)
        eventually(self.ready, within=20, describe="readiness")
        return api

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=3).status_code == 200
        except httpx.TransportError:
            return False

    def scrape(self) -> dict[str, float]:
        return read(httpx.get(f"{self.url}/metrics", timeout=5).text)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def read(text: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def children(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


@contextmanager
def opened(env: dict[str, str]) -> Iterator[Fleet]:
    with Workspace.open("clerk_sync fleet") as workspace:
        yield Fleet(workspace, env)


@pytest.fixture
def fleet(env: dict[str, str]) -> Iterator[Fleet]:
    with opened(env) as running:
        yield running


def test_one_of_several_that_dies_is_replaced_and_the_others_go_on(
    fleet: Fleet, sign_and_post: Post
) -> None:
    api = fleet.start_api("--processes", "2")
    before = eventually(lambda: len(children(api)) == 2 and children(api), within=10)
    os.kill(before[0].pid, signal.SIGKILL)
    for number in range(20):
        assert sign_and_post(fleet.url, "user.created", f"user_{number}")[1] == 204
    after = eventually(
        lambda: len(children(api)) == 2 and before[0] not in children(api) and children(api),
        within=10,
    )
    assert before[1] in after
    api.terminate(grace_s=15)
    assert api.returncode == 0
    assert not [one for one in (*before, *after) if one.is_running()]


def test_none_of_several_outlives_a_killed_supervisor(fleet: Fleet) -> None:
    api = fleet.start_api("--processes", "3")
    orphans = eventually(lambda: len(children(api)) == 3 and children(api), within=10)
    os.kill(api.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(orphans, timeout=15)
    assert (len(gone), alive) == (3, [])
    with socket.create_server(("127.0.0.1", fleet.port)):
        pass


def test_a_configuration_that_no_process_can_use_ends_all_with_3(fleet: Fleet) -> None:
    fleet.env |= {"CLERK_WEBHOOK_SIGNING_SECRET": "whsec_a"}
    api = fleet.start("api", "--port", str(fleet.port), "--processes", "2")
    eventually(lambda: api.returncode is not None, within=20)
    assert api.returncode == 3


def test_one_scrape_shows_all_processes_and_nothing_twice_or_stale(
    fleet: Fleet, sign_and_post: Post, tmp_path: Path
) -> None:
    fleet.env |= {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "shared")}
    worker = fleet.start("worker")
    fleet.start("sweeper")
    fleet.start_api("--processes", "2")
    for number in range(30):
        assert sign_and_post(fleet.url, "user.created", f"user_{number}")[1] == 204
    sign_and_post(fleet.url, "invented.by_me", "user_1")
    forged = httpx.post(f"{fleet.url}/webhooks/clerk", content=b"{}")
    assert forged.status_code == 400

    def applied() -> dict[str, float]:
        found = fleet.scrape()
        assert found["webhook_processing_seconds_count"] == 30
        assert found["user_registrations_total"] == 30
        return found

    eventually(applied, within=20)
    for found in (fleet.scrape() for _ in range(10)):  # whichever process answers
        assert found["webhook_received_total{outcome=accepted,type=user.created}"] == 30
        assert found["webhook_received_total{outcome=accepted,type=invented.by_me}"] == 1
        assert found["user_registrations_total"] == 30
        assert found["webhook_handled_total{state=applied}"] == 30
        assert found["webhook_inbox_depth"] == found["webhook_dead_letters"] == 0
        assert found["clerk_sync_postgres_up"] == 1
        unverified = [name for name in found if "type=unverified" in name]
        assert len(unverified) == 1
    workers = 8  # the pool of one worker process
    with_workers = fleet.scrape()["db_pool_size"]
    worker.kill()
    eventually(lambda: fleet.scrape()["db_pool_size"] <= with_workers - workers, within=10)
    assert fleet.scrape()["webhook_processing_seconds_count"] == 30


def test_a_worker_elsewhere_answers_scrapes_itself_about_itself_alone(
    fleet: Fleet, sign_and_post: Post, tmp_path: Path
) -> None:
    fleet.env |= {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "shared")}
    ports = {"worker": free_port(), "sweeper": free_port()}
    for role, port in ports.items():
        fleet.start(role, "--metrics-port", str(port))
    fleet.start_api()
    assert sign_and_post(fleet.url, "user.created")[1] == 204

    def apart() -> bool:
        try:
            found = {
                role: read(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=3).text)
                for role, port in ports.items()
            }
        except httpx.TransportError:
            return False
        return (
            found["worker"].get("webhook_processing_seconds_count") == 1
            and "sweeper_wakes_total" in found["sweeper"]
            and not [name for name in found["worker"] if name.startswith("webhook_received_total{")]
        )

    eventually(apart, within=20)
    assert fleet.scrape()["webhook_processing_seconds_count"] == 0


def test_a_busy_metrics_port_is_one_line_and_exit_3(fleet: Fleet) -> None:
    sweeper = fleet.start("sweeper", "--metrics-port", str(fleet.port))
    second: Any = None

    def refused() -> bool:
        nonlocal second
        second = second or fleet.start("sweeper", "--metrics-port", str(fleet.port))
        return second.returncode == 3

    def listening() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{fleet.port}/metrics").status_code == 200
        except httpx.TransportError:
            return False

    eventually(listening, within=15)
    eventually(refused, within=15)
    assert sweeper.returncode is None
