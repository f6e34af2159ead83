"""Real receivers on loopback, and loads run as people and the CLI run them: as a subprocess."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECRET = "whsec_" + base64.b64encode(b"a secret of just the size").decode()


@dataclass
class Request:
    """What a receiver was sent: lower-case header names."""

    number: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server in a thread of its own; ``answer`` decides what each request gets.

    ``answer`` returns a status, ``"reset"`` to cut the connection, or ``None`` to never answer.
    """

    answer: Callable[[Request], int | str | None] = lambda _: 204
    stall_at: int = -1
    stall_s: float = 0.0
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stalled: bool = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                request = Request(len(self.requests), headers, body)
                self.requests.append(request)
                if request.number == self.stall_at:
                    self._gate.clear()
                    asyncio.get_running_loop().call_later(self.stall_s, self._gate.set)
                await self._gate.wait()
                answer = self.answer(request)
                if answer == "reset":
                    return
                if answer is not None:
                    writer.write(f"HTTP/1.1 {answer} X\r\ncontent-length: 0\r\n\r\n".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the load is over, or was killed
        finally:
            writer.transport.abort()

    async def _main(self, ready: threading.Event) -> None:
        self._gate = asyncio.Event()
        self._gate.set()
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/clerk"
        ready.set()
        await self._over.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # a turn of the loop, in which aborted transports close

    def run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._main(ready))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)


Receive = Callable[..., Receiver]


@pytest.fixture
def receive() -> Iterator[Receive]:
    """Starts receivers; they end with the test."""
    started: list[tuple[Receiver, threading.Thread]] = []

    def start(**settings: Any) -> Receiver:
        receiver, ready = Receiver(**settings), threading.Event()
        thread = threading.Thread(target=receiver.run, args=(ready,))
        thread.start()
        started.append((receiver, thread))
        assert ready.wait(10)
        return receiver

    yield start
    for receiver, thread in started:
        receiver.stop()
        thread.join(10)


@dataclass
class Load:
    """A load that has ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def figures(self) -> dict[str, Any]:
        return json.loads((self.folder / "load.json").read_bytes())

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for line in (self.folder / "deliveries.jsonl").read_bytes().splitlines()
        ]


@dataclass
class Loader:
    """Writes plans and runs them."""

    folder: Path
    secret: str = SECRET

    def plan(self, url: str, count: int, rate: float, **fields: object) -> Path:
        messages = [
            {
                "id": f"msg_{i}",
                "event_type": "user.created",
                "payload": json.dumps({"type": "user.created", "data": {"id": f"user_{i}"}}),
            }
            for i in range(count)
        ]
        plan = {"url": url, "secret": self.secret, "rate": rate, "messages": messages} | fields
        path = self.folder / "plan.json"
        path.write_text(json.dumps(plan))
        return path

    def start(self, plan: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "clerk_load", "--plan", plan, "--out", self.folder / "out"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Load:
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        return Load(process.returncode, out, err, self.folder / "out")

    def run(self, url: str, count: int, rate: float, **fields: object) -> Load:
        return self.end(self.start(self.plan(url, count, rate, **fields)))


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)
