"""Receivers of webhooks with what they lean on: each a process that ends with its workspace."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from load import LOOPBACK
from posting import SECRET
from servers import LOAD_CORE, SERVER_CORE, cpu_s, resident_bytes

from clerk_harness.stack import Command, Process, Stack, Workspace, open_stack
from clerk_harness.stack.ports import free_port

__all__ = ["Ground", "Service", "ground", "service_env"]

HERE = Path(__file__).parent
START_S = 30.0


@dataclass(frozen=True, slots=True)
class Service:
    """A receiver that runs.

    Attributes:
        port: On the loopback address.
        process: Its root; one process unless said otherwise.
        database_url: What it writes to; empty for one that writes nothing.
    """

    port: int
    process: Process
    database_url: str

    def cpu_s(self) -> float:
        """Return how much of its core it has used so far, in seconds."""
        return cpu_s(self.process.pid)

    def resident_bytes(self) -> int:
        """Return how much memory it has (RSS)."""
        return resident_bytes(self.process.pid)

    def column(self, statement: str) -> set[str]:
        """Return the first column of what its database answers."""
        with psycopg.connect(self.database_url) as connection:
            return {str(row[0]) for row in connection.execute(statement.encode())}


@dataclass(frozen=True, slots=True)
class Ground:
    """Postgres and Redis on the core of the load, and a place to start receivers on the other."""

    workspace: Workspace
    stack: Stack

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        return self.stack.postgres.create_database(f"bench_{uuid4().hex}")

    def script(self, name: str, env: Mapping[str, str]) -> Service:
        """Start a receiver of this folder."""
        port = free_port()
        return self._service(port, [str(HERE / name), str(port)], env)

    def api(self, env: Mapping[str, str], core: str = SERVER_CORE) -> Service:
        """Migrate, and start the API of ``clerk_sync``."""
        port = free_port()
        migration = self.start(["-m", "clerk_sync", "migrate"], env)
        if migration.wait(START_S):
            raise RuntimeError(f"the migration failed: {migration.log_tail(3)}")
        return self._service(port, ["-m", "clerk_sync", "api", "--port", str(port)], env, core)

    def start(
        self, arguments: list[str], env: Mapping[str, str], core: str = SERVER_CORE
    ) -> Process:
        """Start Python on a core."""
        argv = ["taskset", "--cpu-list", core, sys.executable, *arguments]
        return self.workspace.spawn(Command("-".join(arguments[-2:])[-20:], argv, dict(env)))

    def _service(
        self, port: int, arguments: list[str], env: Mapping[str, str], core: str = SERVER_CORE
    ) -> Service:
        process = self.start(arguments, env, core)
        process.wait_until(lambda: _listens(port), within=START_S, what="listening")
        return Service(port, process, env.get("DATABASE_URL", ""))


@contextmanager
def ground() -> Iterator[Ground]:
    """Start Postgres, with fsync on, and Redis on the core of the load."""
    os.sched_setaffinity(0, {LOAD_CORE})  # children inherit it
    with Workspace.open("bench") as workspace:
        yield Ground(workspace, open_stack("embedded", workspace))


def service_env(ground: Ground, **more: str) -> dict[str, str]:
    """Return the configuration of ``clerk_sync`` with a database of its own."""
    return {
        "DATABASE_URL": ground.new_database(),
        "REDIS_URL": ground.stack.redis.url,
        "CLERK_WEBHOOK_SIGNING_SECRET": SECRET.text,
        "CLERK_SECRET_KEY": "sk_test_bench",
        "CLERK_API_URL": f"http://{LOOPBACK}:9/v1",
        "CLERK_JWKS_URL": f"http://{LOOPBACK}:9/jwks",
        "CLERK_ISSUER": "https://bench.clerk.accounts.dev",
        "CLERK_SYNC_OPERATOR_TOKEN": "operator-token-of-the-bench",
        **more,
    }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
