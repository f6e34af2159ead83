"""Servers that a test starts, kills and starts again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["FAKE", "Running", "refusal_of", "running"]

FAKE = [sys.executable, "-m", "clerk_fake"]


@dataclass(frozen=True)
class Running:
    """A server of the test's own, and its ready line."""

    process: "subprocess.Popen[bytes]"
    ready: dict[str, Any]
    http: httpx.Client

    @property
    def control(self) -> str:
        """The control plane of the first instance."""
        return f"/__fake__/instances/{self.ready['instance_id']}"

    def ask(self, method: str, path: str, body: object = None, *, key: str = "") -> httpx.Response:
        """Ask the first instance (or the one with this key); ``…`` stands for its control plane."""
        headers = {"authorization": f"Bearer {key or self.ready['secret_key']}"}
        return self.http.request(
            method, path.replace("…", self.control), json=body, headers=headers
        )

    def get(self, path: str) -> Any:
        """Return what a successful GET answers."""
        return self.ask("GET", path).raise_for_status().json()

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(*options: str, stderr: int | None = None) -> Iterator[Running]:
    """Start a server; kill it at the end, unless it has ended."""
    process = subprocess.Popen([*FAKE, *options], stdout=subprocess.PIPE, stderr=stderr)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        with httpx.Client(base_url=ready["url"], timeout=60) as http:
            yield Running(process, ready, http)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stderr is not None:
            process.stderr.close()


def refusal_of(*options: str, lines: int = 1) -> str:
    """Return the one line (or so many) of a server that refuses to start."""
    ended = subprocess.run(
        [*FAKE, *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 3, ended
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == lines, ended.stderr
    return ended.stderr
