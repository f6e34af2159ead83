"""A load generator that is faster than what it measures: raw keep-alive connections on uvloop.

It speaks just enough HTTP/1.1 for servers on this machine, only ever to the loopback address, and
is bounded in requests and in time.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import cast

import uvloop

__all__ = ["HEAD_END", "LOOPBACK", "Load", "Outcome", "is_whole", "request", "send"]

LOOPBACK = "127.0.0.1"
CONNECTIONS = 32
LONGEST_S = 900.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent.

    Attributes:
        port: Of a server on this machine.
        requests: Whole requests, head and body; taken one by one as connections become free.
        connections: How many are open; each has one request in flight.
    """

    port: int
    requests: Iterable[bytes]
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        answered: How many requests were answered with 200 or 201.
        elapsed_s: From the first byte sent to the last one received.
        last: The last answer, head and body.
    """

    answered: int
    elapsed_s: float
    last: bytes

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.answered / self.elapsed_s


def request(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """Write a request that carries a secret key."""
    head = f"{method} {path} HTTP/1.1\r\nhost: {LOOPBACK}\r\nauthorization: Bearer {key}\r\n"
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def send(load: Load, longest_s: float = LONGEST_S) -> Outcome:
    """Send everything and wait for all answers.

    Raises:
        RuntimeError: An answer was neither 200 nor 201, or it took longer than ``longest_s``.
    """
    return uvloop.run(_send(load, longest_s))


async def _send(load: Load, longest_s: float) -> Outcome:
    loop = asyncio.get_running_loop()
    run = _Run(iter(load.requests), load.connections, loop.create_future())
    clients = []
    for _ in range(load.connections):
        _, client = await loop.create_connection(lambda: _Client(run), LOOPBACK, load.port)
        clients.append(client)
    started = perf_counter()
    for client in clients:
        client.next()
    try:
        async with asyncio.timeout(longest_s):
            await run.ended
    except TimeoutError as late:
        raise RuntimeError(f"not all answers came within {longest_s:.0f} s") from late
    finally:
        elapsed = perf_counter() - started
        for client in clients:
            client.transport.abort()
    return Outcome(run.answered, elapsed, run.last)


@dataclass(slots=True)
class _Run:
    """What the connections of one load share."""

    requests: Iterator[bytes]
    busy: int
    ended: "asyncio.Future[None]"
    answered: int = 0
    last: bytes = b""

    def finish_one(self) -> None:
        self.busy -= 1
        if not self.busy and not self.ended.done():
            self.ended.set_result(None)

    def fail(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(why))


class _Client(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def connection_lost(self, _cause: Exception | None) -> None:
        self._run.fail("the server closed a connection")

    def next(self) -> None:
        """Send the next request, if there is one left."""
        following = next(self._run.requests, None)
        if following is None:
            self._run.finish_one()
        else:
            self.transport.write(following)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        if not is_whole(received):
            return
        if not received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            self._run.fail(f"neither 200 nor 201: {received[:400]!r}")
            return
        self._run.answered += 1
        self._run.last = received
        self._received = b""
        self.next()


def is_whole(received: bytes) -> bool:
    """Tell whether an answer with a body has come to its end."""
    head, end, body = received.partition(HEAD_END)
    if not end:
        return False
    head = head.lower()
    _, announced, rest = head.partition(LENGTH)
    if announced:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    return body.endswith(LAST_CHUNK)
