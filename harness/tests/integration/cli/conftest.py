"""What the command line's tests share: the command itself, and the search for what it left."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from svix.webhooks import Webhook

COMMAND = (sys.executable, "-m", "clerk_harness")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def runtime() -> Iterator[Path]:
    # Not below pytest's folder, which is private: Postgres must pass through as another account.
    with tempfile.TemporaryDirectory(prefix="clerk-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "runtime"


@pytest.fixture
def clerk_harness(runtime: Path) -> Run:
    """Run ``clerk-harness`` with a runtime folder of the test's own."""

    def run(
        *arguments: str, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env={**os.environ, "CLERK_HARNESS_RUNTIME_DIR": str(runtime), **env},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=cwd,
        )

    return run


@pytest.fixture
def left_behind(runtime: Path) -> Callable[[], list[str]]:
    """List the processes and folders that outlived their owner."""

    def search() -> list[str]:
        processes = [
            " ".join(process.info["cmdline"] or [])
            for process in psutil.process_iter(["cmdline", "environ"])
            if (process.info["environ"] or {}).get("CLERK_HARNESS_RUNTIME_DIR") == str(runtime)
        ]
        return processes + [str(folder) for folder in runtime.glob("runs/*")]

    return search


@dataclass(frozen=True)
class Delivered:
    """One request that a receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A service of the user's, which may verify and answers as it likes."""

    url: str
    status: int = 200
    body: bytes = b"thank you"
    received: list[Delivered] = field(default_factory=list)

    def verify(self, secret: str) -> None:
        """Judge everything that came by Svix's own library."""
        for delivered in self.received:
            Webhook(secret).verify(delivered.body, delivered.headers)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.received.append(Delivered(headers, body))
            self.send_response(service.status)
            self.send_header("content-length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        service = Receiver(f"http://127.0.0.1:{httpd.server_port}/webhooks/clerk")
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            httpd.shutdown()
            thread.join()
