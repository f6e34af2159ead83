"""Processes end under load: what was acknowledged is kept, what was taken in is answered."""

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import psycopg
import pytest
from svix.webhooks import Webhook
from wire import event

from clerk_harness.stack import Command, Process, Workspace
from clerk_harness.waiting import eventually

CLIENTS = 6
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Load:
    """Clients that deliver over kept connections until the server takes no more."""

    url: str
    acknowledged: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    unanswered: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def deliver(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20) as http:
            while not self.over.is_set():
                svix_id = f"msg_{uuid4().hex}"
                body = json.dumps(event("user.created", f"user_{svix_id}", 1000))
                try:
                    answer = http.post(
                        "/webhooks/clerk", content=body, headers=_sign(svix_id, body)
                    )
                except httpx.ConnectError:
                    return
                except httpx.TransportError as broken:
                    self.unanswered.append(repr(broken))
                    return
                self.statuses.add(answer.status_code)
                if answer.status_code == 204:
                    self.acknowledged.append(svix_id)


def _sign(svix_id: str, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "svix-id": svix_id,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(SECRET).sign(svix_id, now, body),
    }


@contextmanager
def under_load(url: str) -> Iterator[Load]:
    load = Load(url)
    with ThreadPoolExecutor(CLIENTS) as clients:
        for _ in range(CLIENTS):
            clients.submit(load.deliver)
        try:
            eventually(lambda: len(load.acknowledged) > 50, within=20, describe="load")
            yield load
        finally:
            load.over.set()


def kept(database_url: str) -> set[str]:
    with psycopg.connect(database_url) as connection:
        return {row[0] for row in connection.execute("SELECT svix_id FROM inbox")}


def wait_for_end(process: Process, *, within: float) -> None:
    eventually(lambda: process.returncode is not None, within=within, describe="the end")


def ready(url: str) -> tuple[int, str]:
    try:
        answer = httpx.get(f"{url}/health/ready", timeout=3)
    except httpx.TransportError:
        return 0, ""
    return answer.status_code, answer.json()["status"]


@pytest.fixture
def workspace_of_its_own() -> Iterator[Workspace]:
    with Workspace.open("clerk_sync draining") as workspace:
        yield workspace


@pytest.fixture
def url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def workspace_start(workspace_of_its_own: Workspace, env: dict[str, str], url: str) -> "Start":
    return Start(workspace_of_its_own, env, url)


@dataclass
class Start:
    """Starts the API at ``url``."""

    workspace: Workspace
    env: dict[str, str]
    url: str

    def __call__(self, *arguments: str, **env: str) -> Process:
        port = self.url.rpartition(":")[2]
        argv = [sys.executable, "-m", "clerk_sync", "api", "--port", port, *arguments]
        api = self.workspace.spawn(Command("sync-api", argv, self.env | env))
        eventually(lambda: ready(self.url)[0] == 200, within=20, describe="readiness")
        return api


@pytest.mark.parametrize("processes", ["1", "2"])
def test_sigterm_under_load_answers_everything_and_keeps_what_was_acknowledged(
    workspace_start: Start, url: str, database_url: str, processes: str
) -> None:
    api = workspace_start("--processes", processes, CLERK_SYNC_DRAIN_NOTICE_S="0.5")
    with under_load(url) as load:
        os.kill(api.pid, signal.SIGTERM)
        eventually(lambda: ready(url) == (503, "draining"), within=5, every=0.01)
        eventually(lambda: api.returncode is not None, within=15, describe="the end")
    assert api.returncode == 0
    assert load.unanswered == []
    assert load.statuses <= {204, 503}
    assert set(load.acknowledged) <= kept(database_url)


def test_sigkill_under_load_loses_nothing_that_was_acknowledged(
    workspace_start: Start, url: str, database_url: str
) -> None:
    api = workspace_start()
    with under_load(url) as load:
        os.kill(api.pid, signal.SIGKILL)
        eventually(lambda: api.returncode is not None, within=10)
    assert set(load.acknowledged) <= kept(database_url)


def test_a_request_that_hangs_ends_with_the_bound_and_a_second_signal_ends_it_at_once(
    workspace_start: Start, url: str
) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    for signals, bound_s, within in ((1, 3, 12.0), (2, 60, 10.0)):
        api = workspace_start(CLERK_SYNC_DRAIN_S=str(bound_s), CLERK_SYNC_DRAIN_NOTICE_S="0.1")
        with socket.create_connection((host, int(port))) as hanging:
            hanging.sendall(
                b"POST /webhooks/clerk HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
            )
            assert ready(url)[0] == 200  # by now the request is under way
            started = time.monotonic()
            for _ in range(signals):
                os.kill(api.pid, signal.SIGTERM)
                eventually(lambda: ready(url)[0] != 200, within=5, every=0.01)
            wait_for_end(api, within=within)
            took = time.monotonic() - started
            assert api.returncode == 0, api.log_tail(20)
            assert took < within
            if signals == 1:
                assert took > 2.5, "it did not wait for the request"


def test_a_worker_finishes_its_batch_on_sigterm(
    workspace_start: Start, url: str, database_url: str
) -> None:
    workspace_start()
    argv = [sys.executable, "-m", "clerk_sync", "worker"]
    worker = workspace_start.workspace.spawn(Command("sync-worker", argv, workspace_start.env))
    with under_load(url):
        eventually(lambda: _states(database_url).get("applied", 0) > 0, within=20)
        os.kill(worker.pid, signal.SIGTERM)
        eventually(lambda: worker.returncode is not None, within=10)
    assert worker.returncode == 0
    assert "applying" not in _states(database_url)


def _states(database_url: str) -> dict[str, int]:
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT state, count(*) FROM inbox GROUP BY state")
        return dict(found.fetchall())
