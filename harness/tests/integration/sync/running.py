"""The processes of the service as they are run, from outside."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from clerk_harness.stack import Command, Process, Workspace
from clerk_harness.waiting import eventually

OPERATOR = {"Authorization": "Bearer operator-token"}


@dataclass
class Processes:
    """The running service, from outside."""

    workspace: Workspace
    env: dict[str, str]
    url: str
    api: Process
    worker: Process
    sweeper: Process
    post: Callable[..., tuple[str, int]]

    def start(self, role: str, *arguments: str) -> Process:
        argv = [sys.executable, "-m", "clerk_sync", role, *arguments]
        return self.workspace.spawn(Command(f"sync-{role}", argv, self.env))

    def get(self, path: str) -> Any:
        answer = httpx.get(self.url + path, headers=OPERATOR, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def deliver(self, *args: Any, **more: Any) -> str:
        """Deliver as Svix does: again until it is taken."""
        svix_id = more.pop("svix_id", "")

        def taken() -> str:
            nonlocal svix_id
            svix_id, status = self.post(*args, svix_id=svix_id, **more)
            return svix_id if status == 204 else ""

        return eventually(taken, within=15, describe="a 2xx")

    def row(self, svix_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/inbox/{svix_id}")
        return found

    def wait_applied(self, svix_ids: list[str], *, within: float) -> list[dict[str, Any]]:
        def rows() -> list[dict[str, Any]]:
            found = {row["svix_id"]: row for row in self.get("/inbox?limit=1000")["data"]}
            states = [found[svix_id]["state"] for svix_id in svix_ids]
            assert states == ["applied"] * len(svix_ids)
            return [found[svix_id] for svix_id in svix_ids]

        return eventually(rows, within=within, describe="all applied")


@contextmanager
def run_processes(env: dict[str, str], post: Callable[..., tuple[str, int]]) -> Iterator[Processes]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = env | {"CLERK_SYNC_LEASE_S": "2", "CLERK_SYNC_APPLY_TIMEOUT_S": "1.9"}
    with Workspace.open("clerk_sync processes") as workspace:

        def start(role: str, *arguments: str) -> Process:
            argv = [sys.executable, "-m", "clerk_sync", role, *arguments]
            return workspace.spawn(Command(f"sync-{role}", argv, env))

        url = f"http://127.0.0.1:{port}"
        running = Processes(
            workspace,
            env,
            url,
            start("api", "--port", str(port)),
            start("worker"),
            start("sweeper"),
            lambda *args, **more: post(url, *args, **more),
        )
        eventually(lambda: echoed(url), within=20, describe="an echo of the worker")
        yield running


def echoed(url: str) -> bool:
    try:
        return httpx.post(f"{url}/health/celery", headers=OPERATOR, timeout=8).json()["ok"] is True
    except (httpx.TransportError, KeyError):
        return False
