"""Fixtures for the tests of the fake: a real server process, and receivers for its webhooks."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from clerk_backend_api import Clerk
from judging.payloads import event_judge
from judging.wiretap import Wiretap
from svix.api import Svix, SvixOptions


@dataclass(frozen=True)
class ServerInfo:
    """The ready line of a server."""

    url: str
    instance_id: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    jwks_url: str
    dashboard_url: str


@dataclass(frozen=True)
class InstanceInfo:
    """What the control plane tells of an instance."""

    instance_id: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    issuer: str
    jwks_url: str
    api_url: str
    dashboard_url: str
    public_key_pem: str


@dataclass(frozen=True)
class Delivered:
    """One request that a receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, object]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What a receiver answers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"


@dataclass
class Receiver:
    """A webhook receiver whose answers can be chosen: a status, or a whole reply."""

    url: str
    received: list[Delivered] = field(default_factory=list)
    answer: Callable[[Delivered], int | Reply] = lambda _delivered: 200


@pytest.fixture(scope="session")
def server() -> Iterator[ServerInfo]:
    command = [sys.executable, "-m", "clerk_fake", "--port", "0", "--owner-pid", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield ServerInfo(**json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(timeout=10) == 0


@pytest.fixture(scope="session")
def http(server: ServerInfo) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=10) as client:
        yield client


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "unjudged(why): answers and events of this test need not be as Clerk's are"
    )


@pytest.fixture(autouse=True)
def wiretap(request: pytest.FixtureRequest) -> Iterator[Wiretap]:
    """Judges every answer of the Backend API that this test gets, whoever asks."""
    tap = Wiretap()
    with tap.listening():
        yield tap
    if tap.faults and request.node.get_closest_marker("unjudged") is None:
        lines = list(dict.fromkeys(tap.faults))
        pytest.fail("not as Clerk describes it:\n" + "\n".join(lines[:40]), pytrace=False)


@pytest.fixture
def instance(http: httpx.Client, wiretap: Wiretap) -> Iterator[InstanceInfo]:
    """An instance of this test's own, whose events are judged at the end."""
    info = InstanceInfo(**http.post("/__fake__/instances").raise_for_status().json())
    yield info
    wiretap.faults += _faulty_events(http, info, wiretap.triggered)
    http.delete(f"/__fake__/instances/{info.instance_id}")


def _faulty_events(http: httpx.Client, info: InstanceInfo, made_up: set[str]) -> list[str]:
    judge = event_judge()
    answer = http.get(f"/__fake__/instances/{info.instance_id}/messages")
    if judge is None or answer.status_code == httpx.codes.NOT_FOUND:
        return []
    return [
        f"event {message['event_type']}: {fault}"
        for message in answer.json()["data"]
        if message["id"] not in made_up
        for fault in judge.faults(json.loads(message["payload"]))
    ]


@pytest.fixture
def control(instance: InstanceInfo, server: ServerInfo) -> Iterator[httpx.Client]:
    """The control plane of this test's own instance."""
    base_url = f"{server.url}/__fake__/instances/{instance.instance_id}"
    with httpx.Client(base_url=base_url, timeout=10) as client:
        yield client


@pytest.fixture
def bapi(instance: InstanceInfo) -> Iterator[httpx.Client]:
    """The Backend API of this test's own instance, by hand."""
    headers = {"authorization": f"Bearer {instance.secret_key}"}
    with httpx.Client(base_url=instance.api_url, headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
def clerk(instance: InstanceInfo) -> Iterator[Clerk]:
    """The Backend API of this test's own instance, by Clerk's official client."""
    with Clerk(bearer_auth=instance.secret_key, server_url=instance.api_url) as client:
        yield client


@pytest.fixture
def open_svix(server: ServerInfo) -> Iterator[Callable[[str], Svix]]:
    """Opens Svix' API with any token, by Svix' official client."""
    with contextlib.ExitStack() as opened:

        def open_with(token: str) -> Svix:
            client = Svix(token, SvixOptions(server_url=server.url))
            opened.callback(client._httpx_client.close)  # it offers no other way
            return client

        yield open_with


@pytest.fixture
def svix(instance: InstanceInfo, open_svix: Callable[[str], Svix]) -> Svix:
    """Svix' API for this test's own instance."""
    return open_svix(instance.secret_key)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            delivered = Delivered(headers, body)
            answer.received.append(delivered)
            chosen = answer.answer(delivered)
            reply = Reply(chosen) if isinstance(chosen, int) else chosen
            with contextlib.suppress(ConnectionError):  # the sender may have given up
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        answer = Receiver(f"http://127.0.0.1:{httpd.server_port}/webhooks/clerk")
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield answer
        finally:
            httpd.shutdown()
            thread.join()
