"""The webhook gate of a running API, from outside: bytes in, a status out."""

import base64
import hashlib
import hmac
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from clerk_harness.stack import Command, Process, Workspace
from clerk_harness.stack.ports import free_port

__all__ = ["KEY", "SECRET", "Gate", "signed_bytes"]

KEY = bytes(range(24))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
START_S = 20.0
ANSWER_S = 20.0


def signed_bytes(body: bytes, *, svix_id: str = "", at: str = "") -> dict[bytes, bytes]:
    """Return headers that prove any bytes, also those that no honest program would sign."""
    svix_id = svix_id or f"msg_{uuid4().hex}"
    at = at or str(int(time.time()))
    content = f"{svix_id}.{at}.".encode() + body
    proof = base64.b64encode(hmac.digest(KEY, content, hashlib.sha256))
    return {
        b"svix-id": svix_id.encode(),
        b"svix-timestamp": at.encode(),
        b"svix-signature": b"v1," + proof,
    }


@dataclass(frozen=True)
class Gate:
    """An API that runs, and the database behind it."""

    port: int
    process: Process
    database_url: str

    @classmethod
    def open(cls, workspace: Workspace, env: Mapping[str, str]) -> "Gate":
        """Start an API and wait until it listens."""
        port = free_port()
        argv = [sys.executable, "-m", "clerk_sync", "api", "--port", str(port)]
        secret = {"CLERK_WEBHOOK_SIGNING_SECRET": SECRET}
        process = workspace.spawn(Command("sync-gate", argv, {**env, **secret}))
        gate = cls(port, process, env["DATABASE_URL"])
        process.wait_until(gate._listens, within=START_S, what="listening")
        return gate

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_S)

    def post(
        self,
        body: bytes,
        headers: Mapping[bytes, bytes],
        *,
        length: int | None = None,
        chunks: Iterable[bytes] | None = None,
    ) -> int:
        """Post, and return the status; 0 when the connection ends without an answer.

        Args:
            body: Sent as it is.
            headers: Sent as they are.
            length: Announced instead of the true one.
            chunks: Sent instead of the body, without any length.
        """
        with self.connect() as connection:
            head = b"POST /webhooks/clerk HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n"
            head += b"".join(b"%s: %s\r\n" % header for header in headers.items())
            if chunks is None:
                announced = len(body) if length is None else length
                connection.sendall(head + b"content-length: %d\r\n\r\n" % announced + body)
                if length is not None:
                    connection.shutdown(socket.SHUT_WR)  # nothing more will come
                return status_of(connection)
            connection.sendall(head + b"transfer-encoding: chunked\r\n\r\n")
            try:
                for chunk in chunks:
                    connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                connection.sendall(b"0\r\n\r\n")
            except ConnectionError:
                pass  # it has heard enough, and perhaps said so
            return status_of(connection)

    def stored(self) -> dict[str, str]:
        """Return the payloads in the inbox by their ids."""
        with psycopg.connect(self.database_url) as connection:
            return dict(connection.execute("SELECT svix_id, payload FROM inbox").fetchall())

    def deliveries(self) -> dict[str, int]:
        """Return how often each message was delivered."""
        with psycopg.connect(self.database_url) as connection:
            return dict(connection.execute("SELECT svix_id, deliveries FROM inbox").fetchall())

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def status_of(connection: socket.socket) -> int:
    """Read until the status is known."""
    received = b""
    try:
        while len(received) < 12:
            more = connection.recv(4096)
            if not more:
                return 0
            received += more
    except ConnectionError:
        return 0
    return int(received[9:12])
