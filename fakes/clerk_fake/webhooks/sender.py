"""POST over HTTP/1.1, as fast as one core allows: asyncio, httptools and nothing in between.

Needs no instance: the dispatcher delivers with it, and load generators may drive it alone.
Connections are kept alive and pooled per host; a kept connection that its server closed in the
meantime is noticed at once, or, when request and closing cross, made good by one resend.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from socket import gaierror
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from clerk_fake.webhooks.connection import (
    Connection,
    DeliveryError,
    RawAnswer,
    StaleConnectionError,
)

__all__ = ["BODY_KEPT", "Answer", "DeliveryError", "Sender"]

BODY_KEPT: Final = 64 * 1024
"""How much of a response body is kept, in bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered.

    Attributes:
        status: HTTP status.
        body: The first 64 kB of the response body.
        latency_ms: From the call to the last byte, a new connection included.
    """

    status: int
    body: bytes
    latency_ms: float


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a URL leads: connection parameters and the unchanging head of its requests."""

    host: str
    port: int
    tls: bool
    head: bytes


class Sender:
    """Sends POST requests over pooled connections of the running event loop.

    Args:
        max_idle: Connections kept open per host while nobody uses them.
        user_agent: Sent with every request.
    """

    def __init__(self, *, max_idle: int = 128, user_agent: str = "Svix-Webhooks/1.0") -> None:
        self._max_idle = max_idle
        self._common = f"user-agent: {user_agent}\r\ncontent-type: application/json\r\n".encode()
        self._idle: dict[tuple[str, int, bool], dict[Connection, None]] = {}
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """POST ``body`` as JSON and wait for the whole answer.

        Args:
            url: ``http://`` or ``https://``.
            headers: Sent besides host, user agent, content type and length.
            body: Sent as it is.
            timeout_s: Limit for everything, connecting included, in seconds.

        Raises:
            DeliveryError: No complete answer came; its ``kind`` says why.
        """
        started = perf_counter()
        target = _target(url)
        request = b"".join(
            (target.head, self._common, _header_lines(headers, len(body)), b"\r\n", body)
        )
        answer = await self._exchange(target, request, started + timeout_s)
        return Answer(answer.status, answer.body, (perf_counter() - started) * 1000)

    async def close(self) -> None:
        """Close all idle connections; requests under way end by themselves."""
        for connections in self._idle.values():
            for connection in tuple(connections):
                connection.close()
        self._idle.clear()

    async def _exchange(self, target: _Target, request: bytes, deadline: float) -> RawAnswer:
        kept = self._take_idle(target)
        if kept is not None:
            try:
                return await self._exchange_on(kept, target, request, deadline)
            except StaleConnectionError:
                pass  # its server closed it while the request was on its way: once more, freshly
        fresh = await self._connect(target, deadline)
        return await self._exchange_on(fresh, target, request, deadline)

    async def _exchange_on(
        self, connection: Connection, target: _Target, request: bytes, deadline: float
    ) -> RawAnswer:
        try:
            answer = await connection.exchange(request, max(deadline - perf_counter(), 0))
        except BaseException:  # cancelled ones too: a half-read connection is of no use to anyone
            connection.close()
            raise
        self._keep(connection, target)
        return answer

    async def _connect(self, target: _Target, deadline: float) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(max(deadline - perf_counter(), 0)):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, body_kept=BODY_KEPT),
                    target.host,
                    target.port,
                    ssl=self._tls_context() if target.tls else None,
                )
        except TimeoutError as late:
            raise DeliveryError(
                "timeout", f"no connection to {target.host}:{target.port} in time"
            ) from late
        except gaierror as unknown:
            raise DeliveryError("dns", f"{target.host} cannot be resolved") from unknown
        except OSError as refused:
            where = f"{target.host}:{target.port}"
            raise DeliveryError("connect", f"{where} cannot be reached: {refused}") from refused
        return connection

    def _take_idle(self, target: _Target) -> Connection | None:
        idle = self._idle.get((target.host, target.port, target.tls))
        while idle:
            connection, _ = idle.popitem()
            if connection.usable:
                return connection
        return None

    def _keep(self, connection: Connection, target: _Target) -> None:
        idle = self._idle.setdefault((target.host, target.port, target.tls), {})
        if connection.usable and len(idle) < self._max_idle:
            idle[connection] = None
        else:
            connection.close()

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


@lru_cache(maxsize=4096)
def _target(url: str) -> _Target:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DeliveryError("url", f"{url!r} is no http(s) URL")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    if not url.isascii() or not url.isprintable() or " " in url:
        raise DeliveryError("url", f"{url!r} has characters that must be percent-encoded")
    return _Target(
        host=parts.hostname,
        port=parts.port or (443 if tls else 80),
        tls=tls,
        head=f"POST {path} HTTP/1.1\r\nhost: {host}\r\n".encode(),
    )


def _header_lines(headers: Mapping[str, str], length: int) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers):
        raise DeliveryError("headers", "a header has a line break in it")
    return f"{lines}content-length: {length}\r\n".encode("latin-1", "replace")
