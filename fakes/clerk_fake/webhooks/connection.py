"""One HTTP/1.1 client connection: a request out, its answer parsed back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias, cast

import httptools

from clerk_fake.errors import ClerkFakeError

__all__ = ["Connection", "DeliveryError", "FailureKind", "RawAnswer", "UnansweredError"]

FailureKind: TypeAlias = Literal[
    "timeout", "dns", "forbidden", "connect", "reset", "protocol", "url", "headers"
]

FIRST_FINAL_STATUS: Final = 200

FRAMING: Final = frozenset({"content-length", "transfer-encoding"})

HEAD_KEPT: Final = 16 * 1024
"""How much of an answer's headers is kept, in bytes of their names and values."""

WORTH_REMEMBERING: Final = 128
"""Up to this length, in bytes, a header is decoded once for all answers that have it."""


class DeliveryError(ClerkFakeError):
    """A request got no complete answer.

    Attributes:
        kind: ``timeout``, ``dns``, ``connect`` (no connection), ``reset`` (connection lost before
            the answer was complete), ``protocol`` (the answer is no HTTP), ``url`` or ``headers``
            (the request cannot be written).
        detail: What happened, in words.
        sent: How many times the bytes of the request were put on a connection: 0, 1 or 2.
        status: What the receiver had answered, if only the rest of its answer is missing.
    """

    def __init__(
        self, kind: FailureKind, detail: str, *, sent: int = 0, status: int | None = None
    ) -> None:
        self.kind: FailureKind = kind
        self.detail = detail
        self.sent = sent
        self.status = status
        super().__init__(f"{kind}: {detail}")


class UnansweredError(DeliveryError):
    """No connection could be made, or it failed before the head of an answer was complete.

    Sending once more, at once, is in order: nothing says that the receiver has seen the request.
    """


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status, headers and (capped) body of an answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time.

    Args:
        loop: The running loop.
        body_kept: Keep at most this much of a response body, in bytes.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, body_kept: int) -> None:
        self._loop = loop
        self._body_kept = body_kept
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[RawAnswer] | None = None
        self._headers: list[tuple[str, str]] = []
        self._headers_room = HEAD_KEPT
        self._headed = False
        self._framed = False
        self._ends_with_connection = False
        self._body = bytearray()

    @property
    def usable(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, timeout_s: float) -> RawAnswer:
        """Send ``request`` and return its answer.

        Raises:
            UnansweredError: The connection failed before an answer came.
            DeliveryError: Any other failure.
        """
        waiter, timer = self._begin(timeout_s)
        try:
            self._write(request)
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None

    async def exchange_in_parts(
        self, parts: AsyncIterator[bytes], timeout_s: float, *, close: bool
    ) -> RawAnswer:
        """Send the parts of a request one by one and return its answer, even an early one.

        Args:
            parts: Waits before each as long as it likes.
            timeout_s: Limit for everything, in seconds.
            close: Whether to close behind the last part rather than to wait for an answer.

        Raises:
            DeliveryError: As from ``exchange``.
        """
        waiter, timer = self._begin(timeout_s)
        feeding = asyncio.ensure_future(self._feed(parts, close=close))
        try:
            return await waiter
        finally:
            feeding.cancel()
            timer.cancel()
            self._waiter = None

    def close(self) -> None:
        """Close at once; whatever is under way fails."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport (called by the loop)."""
        # uvloop's transports are no subclasses of asyncio's, so they cannot be checked for.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came (called by the loop)."""
        if self._waiter is None:
            self.close()  # nobody asked: this connection is out of step
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as malformed:
            self._fail("protocol", f"the answer is no HTTP: {malformed}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle what is under way (called by the loop)."""
        self._transport = None
        if self._ends_with_connection and exc is None:
            self._succeed()
        elif not self._headed:
            self._fail("reset", "the connection was closed without an answer")
        else:
            self._fail("reset", "the connection was lost before the answer was complete")

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start to collect an answer."""
        self._headed = False
        self._ends_with_connection = False
        self._framed = False
        self._headers = []
        self._headers_room = HEAD_KEPT

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, and note whether the end of the answer can be told from it."""
        if self._headed:
            return  # a trailer
        size = len(name) + len(value)
        field = _remembered(name, value) if size <= WORTH_REMEMBERING else _field(name, value)
        if field[0] in FRAMING:
            self._framed = True
        self._headers_room -= size
        if self._headers_room >= 0:
            self._headers.append(field)

    def on_headers_complete(self) -> None:
        """Without framing headers the body lasts until the connection closes."""
        if self._parser.get_status_code() >= FIRST_FINAL_STATUS:
            self._headed = True
            self._ends_with_connection = not self._framed

    def on_body(self, body: bytes) -> None:
        """Keep the first part of the body."""
        room = self._body_kept - len(self._body)
        if room > 0:
            self._body += body[:room]

    def on_message_complete(self) -> None:
        """Hand over the answer, unless it was an interim one (1xx)."""
        if not self._headed:
            return
        self._ends_with_connection = False
        self._succeed()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()

    def _begin(self, timeout_s: float) -> tuple["asyncio.Future[RawAnswer]", asyncio.TimerHandle]:
        if not self.usable:
            raise UnansweredError("reset", "the connection was already closed")
        self._waiter = self._loop.create_future()
        self._headed = False
        self._body = bytearray()
        return self._waiter, self._loop.call_later(timeout_s, self._give_up)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    async def _feed(self, parts: AsyncIterator[bytes], *, close: bool) -> None:
        async for part in parts:
            self._write(part)
        if close and self._transport is not None:
            self._transport.close()

    def _succeed(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            status = self._parser.get_status_code()
            self._waiter.set_result(RawAnswer(status, tuple(self._headers), bytes(self._body)))

    def _fail(self, kind: FailureKind, detail: str) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._headed:
            status = self._parser.get_status_code()
            self._waiter.set_exception(DeliveryError(kind, detail, sent=1, status=status))
        else:
            self._waiter.set_exception(UnansweredError(kind, detail, sent=1))

    def _give_up(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            status = self._parser.get_status_code() if self._headed else None
            late = DeliveryError("timeout", "no complete answer in time", sent=1, status=status)
            self._waiter.set_exception(late)


def _field(name: bytes, value: bytes) -> tuple[str, str]:
    return name.decode("latin-1").lower(), value.decode("latin-1")


_remembered = lru_cache(maxsize=4096)(_field)
