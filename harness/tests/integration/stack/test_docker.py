"""The docker stack against an engine that speaks Docker's API and runs embedded servers."""

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis
from testcontainers.core.config import ConnectionMode, testcontainers_config

from clerk_harness.stack import Postgres, Redis, StackError, Workspace, open_stack
from clerk_harness.stack.docker import DockerPostgres, DockerRedis
from clerk_harness.waiting import eventually


class Engine(ThreadingHTTPServer):
    """As much of Docker's Engine API as testcontainers and the guardian use."""

    daemon_threads = True

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(("127.0.0.1", 0), EngineRequest)
        self.workspace = workspace
        self.containers: dict[str, dict] = {}
        self.busy_ports: list[int] = []
        self.numbers = itertools.count(1)
        self.url = f"tcp://127.0.0.1:{self.server_port}"

    def create(self, config: dict) -> str:
        number = f"{next(self.numbers):064x}"
        self.containers[number] = {"config": config, "state": "created", "server": None}
        return number

    def start(self, number: str) -> str | None:
        container = self.containers[number]
        ((inner, bindings),) = container["config"]["HostConfig"]["PortBindings"].items()
        port = int(bindings[0]["HostPort"])
        if not self.busy_ports:
            self.busy_ports.append(port)
            return f"Bind for 127.0.0.1:{port} failed: port is already allocated"
        if container["server"] is None:
            kind = Postgres if inner == "5432/tcp" else Redis
            container["server"] = kind(self.workspace, port=port)
        container["server"].start()
        container["state"] = "running"
        return None

    def act(self, number: str, verb: str) -> None:
        container = self.containers[number]
        server = container["server"]
        acts = {
            "kill": (server.kill, "exited"),
            "stop": (server.stop, "exited"),
            "pause": (server.freeze, "paused"),
            "unpause": (server.thaw, "running"),
        }
        act, container["state"] = acts[verb]
        act()

    def remove(self, number: str) -> None:
        server = self.containers.pop(number)["server"]
        if server is not None and server.running:
            server.kill()


class EngineRequest(BaseHTTPRequestHandler):
    server: Engine

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, body: Any = None, status: int = 200) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        path, asked = self.asked()
        if path == "/version":
            self.answer({"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Version": "25.0"})
        elif path.startswith("/images/"):
            self.answer({"Id": "sha256:1", "RepoTags": []})
        elif path == "/networks":
            self.answer([])
        elif path == "/containers/json":
            wanted = set(json.loads(asked["filters"][0]).get("label", []))
            held = [
                {"Id": number}
                for number, one in self.server.containers.items()
                if wanted <= {f"{k}={v}" for k, v in one["config"]["Labels"].items()}
            ]
            self.answer(held)
        elif path.endswith("/logs"):
            self.answer("the last words")
        else:
            number = path.split("/")[2]
            state = self.server.containers[number]["state"]
            self.answer({"Id": number, "State": {"Status": state}, "Config": {"Tty": True}})

    def do_POST(self) -> None:
        path, _ = self.asked()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path == "/containers/create":
            self.answer({"Id": self.server.create(json.loads(body)), "Warnings": []}, 201)
            return
        _, _, number, verb = path.split("/")
        if verb == "start":
            refusal = self.server.start(number)
            self.answer({"message": refusal} if refusal else None, 500 if refusal else 204)
        elif verb == "wait":
            self.answer({"StatusCode": 137})
        else:
            self.server.act(number, verb)
            self.answer(None, 204)

    def do_DELETE(self) -> None:
        path, _ = self.asked()
        number = path.split("/")[2]
        if number not in self.server.containers:
            self.answer({"message": "no such container"}, 404)
            return
        self.server.remove(number)
        self.answer(None, 204)

    def asked(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return re.sub(r"^/v[0-9.]+", "", parts.path), parse_qs(parts.query)


@pytest.fixture
def engine(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with Workspace.open("engine", root=runtime) as workspace, Engine(workspace) as running:
        monkeypatch.setenv("DOCKER_HOST", running.url)
        # Also where the tests themselves run in a container; read when first imported, so twice.
        monkeypatch.setenv("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
        monkeypatch.setattr(
            testcontainers_config, "connection_mode_override", ConnectionMode.docker_host
        )
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_docker_stack_keeps_the_promises_of_the_embedded_one(
    engine: Engine, workspace: Workspace
) -> None:
    stack = open_stack("docker", workspace)
    assert stack.mode == "docker"
    urls = stack.postgres.url, stack.redis.url
    with psycopg.connect(stack.postgres.url, autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS id")
    with redis.Redis.from_url(stack.redis.url) as client:
        client.set("kept", 7)
    for service in (stack.postgres, stack.redis):
        service.kill()
        assert not service.healthy()
        service.restart()
        assert service.healthy()
        service.freeze()
        assert not service.healthy()
        service.kill()
        service.start()
        service.freeze()
        service.thaw()
        assert service.healthy()
        service.stop()
        assert not service.healthy()
        service.start()
    assert (stack.postgres.url, stack.redis.url) == urls
    with psycopg.connect(stack.postgres.url) as session:
        assert session.execute("SELECT id FROM kept").fetchall() == [(7,)]
    with redis.Redis.from_url(stack.redis.url) as client:
        assert client.get("kept") == b"7"
    workspace.close()
    assert engine.containers == {}


def test_containers_are_configured_as_promised(engine: Engine, workspace: Workspace) -> None:
    engine.busy_ports.append(0)
    postgres = DockerPostgres(workspace, image="mine/postgres:1")
    broker = DockerRedis(workspace)
    postgres.start()
    broker.start()
    first, second = (one["config"] for one in engine.containers.values())
    assert first["Image"] == "mine/postgres:1"
    assert second["Image"] == "redis:7-alpine"
    for config, service, inner in ((first, postgres, 5432), (second, broker, 6379)):
        assert config["Labels"]["clerk-harness.run"] == workspace.id
        assert config["HostConfig"]["PortBindings"] == {
            f"{inner}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(service.port)}]
        }
    environment = dict(one.split("=") for one in first["Env"])
    password = environment.pop("POSTGRES_PASSWORD")
    assert environment == {"POSTGRES_USER": "clerk", "POSTGRES_DB": "clerk_sync"}
    assert postgres.url == f"postgresql://clerk:{password}@127.0.0.1:{postgres.port}/clerk_sync"
    assert {"fsync=on", "synchronous_commit=on"} <= set(first["Cmd"])
    assert second["Cmd"] == ["redis-server", "--appendonly", "yes", "--save", ""]


def test_a_port_that_docker_finds_taken_is_given_up_for_another(
    engine: Engine, workspace: Workspace
) -> None:
    broker = DockerRedis(workspace)
    broker.start()
    assert broker.healthy()
    (taken,) = engine.busy_ports
    assert broker.port != taken
    assert len(engine.containers) == 1


def test_a_killed_owner_leaves_no_container_of_its_own(engine: Engine, owner: Callable) -> None:
    stranger = engine.create({"Labels": {"clerk-harness.run": "another"}})
    engine.busy_ports.append(0)
    dying = owner(
        """
from clerk_harness.stack.docker import DockerRedis
with Workspace.open("docker") as w:
    DockerRedis(w).start()
    tell()
    time.sleep(600)
"""
    )
    dying.facts()
    assert len(engine.containers) == 2
    dying.end()
    eventually(lambda: list(engine.containers) == [stranger], within=5)


def test_without_an_engine_there_is_one_clear_line(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(StackError, match=r"Docker cannot run .*use the embedded stack") as told:
        open_stack("docker", workspace)
    assert "\n" not in str(told.value)
