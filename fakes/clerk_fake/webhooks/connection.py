"""One HTTP/1.1 client connection: a request out, its answer parsed back."""

import asyncio
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

import httptools

from clerk_fake.errors import ClerkFakeError

__all__ = ["Connection", "DeliveryError", "FailureKind", "RawAnswer", "StaleConnectionError"]

FailureKind: TypeAlias = Literal["timeout", "dns", "connect", "reset", "protocol", "url", "headers"]

FIRST_FINAL_STATUS: Final = 200


class DeliveryError(ClerkFakeError):
    """A request got no complete answer.

    Attributes:
        kind: ``timeout``, ``dns``, ``connect`` (no connection), ``reset`` (connection lost before
            the answer was complete), ``protocol`` (the answer is no HTTP), ``url`` or ``headers``
            (the request cannot be written).
        detail: What happened, in words.
    """

    def __init__(self, kind: FailureKind, detail: str) -> None:
        self.kind: FailureKind = kind
        self.detail = detail
        super().__init__(f"{kind}: {detail}")


class StaleConnectionError(DeliveryError):
    """The connection was closed before one byte of the answer came.

    On a kept connection that means that its server had had enough of it, on a fresh one nothing
    but a ``reset``.
    """


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status and (capped) body of an answer."""

    status: int
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
        self._heard = False
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
            StaleConnectionError: The other side closed without having answered a byte.
            DeliveryError: Any other failure.
        """
        if self._transport is None or self._transport.is_closing():
            raise StaleConnectionError("reset", "the connection was already closed")
        waiter: asyncio.Future[RawAnswer] = self._loop.create_future()
        self._waiter = waiter
        self._heard = False
        self._body = bytearray()
        timer = self._loop.call_later(timeout_s, self._give_up)
        try:
            self._transport.write(request)
            return await waiter
        finally:
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
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as malformed:
            self._fail(DeliveryError("protocol", f"the answer is no HTTP: {malformed}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle what is under way (called by the loop)."""
        self._transport = None
        if self._ends_with_connection and exc is None:
            self._succeed()
        elif not self._heard:
            self._fail(StaleConnectionError("reset", "the connection was closed without an answer"))
        else:
            self._fail(
                DeliveryError("reset", "the connection was lost before the answer was complete")
            )

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start to collect an answer."""
        self._ends_with_connection = False
        self._framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note whether the end of the answer can be told from its headers."""
        del value
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._framed = True

    def on_headers_complete(self) -> None:
        """Without framing headers the body lasts until the connection closes."""
        self._ends_with_connection = not self._framed

    def on_body(self, body: bytes) -> None:
        """Keep the first part of the body."""
        room = self._body_kept - len(self._body)
        if room > 0:
            self._body += body[:room]

    def on_message_complete(self) -> None:
        """Hand over the answer, unless it was an interim one (1xx)."""
        if self._parser.get_status_code() < FIRST_FINAL_STATUS:
            return
        self._ends_with_connection = False
        self._succeed()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()

    def _succeed(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(RawAnswer(self._parser.get_status_code(), bytes(self._body)))

    def _fail(self, error: DeliveryError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _give_up(self) -> None:
        self._fail(DeliveryError("timeout", "no complete answer in time"))
