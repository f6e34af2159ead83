"""One HTTP/1.1 client connection: a request out, its answer parsed back."""

import asyncio
from functools import lru_cache
from typing import Final, Protocol, cast

import httptools

from clerk_fake.webhooks.answer import Headers
from clerk_fake.webhooks.failure import DeliveryError, FailureKind, UnansweredError
from clerk_fake.webhooks.known_heads import HEAD_END, KnownHead, KnownHeads

__all__ = ["BODY_KEPT", "Connection", "Recipient"]

BODY_KEPT: Final = 64 * 1024
"""How much of a response body is kept, in bytes."""

HEAD_KEPT: Final = 16 * 1024
"""How much of an answer's headers is kept, in bytes of their names and values."""

WORTH_REMEMBERING: Final = 128
"""Up to this length, in bytes, a header is decoded once for all answers that have it."""

TICK_S: Final = 0.002
"""How much earlier than asked a timer may fire, in seconds."""

FIRST_FINAL_STATUS: Final = 200
LENGTH: Final = "content-length"
CODING: Final = "transfer-encoding"


class Recipient(Protocol):
    """Who waits for what comes of a request; hears of it once."""

    def answered(self, status: int, headers: Headers, body: bytes) -> None:
        """Hear that the answer is complete; the connection can be used again if it is usable."""

    def failed(self, failure: DeliveryError) -> None:
        """Hear that there will be no answer: ``UnansweredError`` if none has begun."""


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time.

    Args:
        loop: The running loop.
        heads: What is known of answers; shared by all connections.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, heads: KnownHeads) -> None:
        self._loop = loop
        self._heads = heads
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._recipient: Recipient | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._whole: bytes | None = None
        self._headers: list[tuple[str, str]] = []
        self._headers_room = HEAD_KEPT
        self._begun = self._headed = self._complete = self._framed = False
        self._measured = False
        self._ends_with_connection = False
        self._stays_open = True
        self._body = bytearray()

    @property
    def usable(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def carry(self, request: bytes, recipient: Recipient, deadline: float) -> None:
        """Send a request, or the beginning of one, and tell ``recipient`` what comes of it.

        Args:
            request: Goes out as it is; only over a usable connection.
            recipient: Is told later, never from within this call.
            deadline: When it is too late for an answer, by the loop's clock.
        """
        self._recipient = recipient
        self._begun = self._headed = self._complete = False
        self._deadline = deadline
        if self._timer is None or self._timer_at > deadline:
            self._set_timer()
        if self._transport is not None:
            self._transport.write(request)

    def write(self, data: bytes) -> None:
        """Send more of the request."""
        if self._transport is not None:
            self._transport.write(data)

    def end(self) -> None:
        """Close when everything that was written is on its way."""
        if self._transport is not None:
            self._transport.close()

    def close(self) -> None:
        """Close at once, and tell nobody."""
        self._recipient = None
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport (called by the loop)."""
        # uvloop's transports are no subclasses of asyncio's, so they cannot be checked for.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came (called by the loop)."""
        if self._recipient is None:
            self.close()  # nobody asked: this connection is out of step
            return
        if not self._begun:
            end = data.find(HEAD_END) + len(HEAD_END)
            known = self._heads.get(data[:end])
            if known is not None and len(data) == end + known.length:
                self._succeed(known.status, known.headers, data[end : end + BODY_KEPT])
                return
            self._whole = data
        else:
            self._whole = None
        self._parse(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle what is under way (called by the loop)."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ends_with_connection and exc is None:
            self._succeed(self._parser.get_status_code(), Headers(self._headers), bytes(self._body))
        elif not self._headed:
            self._fail("reset", "the connection was closed without an answer")
        else:
            self._fail("reset", "the connection was lost before the answer was complete")

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start to collect an answer."""
        if self._complete:
            raise RuntimeError("there is more than one answer to one request")
        self._begun = True
        self._headed = self._framed = self._measured = self._ends_with_connection = False
        self._headers = []
        self._headers_room = HEAD_KEPT
        self._body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, and note whether the end of the answer can be told from it."""
        if self._headed:
            return  # a trailer
        size = len(name) + len(value)
        field = _remembered(name, value) if size <= WORTH_REMEMBERING else _field(name, value)
        if field[0] == LENGTH:
            self._framed = self._measured = True
        elif field[0] == CODING:
            self._framed = True
        self._headers_room -= size
        if self._headers_room >= 0:
            self._headers.append(field)

    def on_headers_complete(self) -> None:
        """Without framing headers the body lasts until the connection closes."""
        if self._parser.get_status_code() >= FIRST_FINAL_STATUS:
            self._headed = True
            self._ends_with_connection = not self._framed
        else:
            self._whole = None

    def on_body(self, body: bytes) -> None:
        """Keep the first part of the body."""
        room = BODY_KEPT - len(self._body)
        if room > 0:
            self._body += body[:room]

    def on_message_complete(self) -> None:
        """Note that the answer is complete, unless it was an interim one (1xx)."""
        self._complete = self._headed
        self._stays_open = self._parser.should_keep_alive()

    def _parse(self, data: bytes) -> None:
        in_step = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as malformed:
            in_step = False
            if not self._complete:
                self._fail("protocol", f"the answer is no HTTP: {malformed}")
                self.close()
        if not self._complete:
            return
        headers, body = Headers(self._headers), bytes(self._body)
        status = self._parser.get_status_code()
        if in_step and self._stays_open:
            self._remember(status, headers)
        else:
            self.end()
        self._ends_with_connection = False
        self._succeed(status, headers, body)

    def _remember(self, status: int, headers: Headers) -> None:
        """Know the next answer by its head, if this one came in one piece and says how long."""
        whole = self._whole
        if whole is not None and self._measured and self._heads.is_worth_it():
            end = whole.find(HEAD_END) + len(HEAD_END)
            self._heads.remember(whole[:end], KnownHead(status, headers, len(whole) - end))

    def _succeed(self, status: int, headers: Headers, body: bytes) -> None:
        recipient, self._recipient = self._recipient, None
        if recipient is not None:
            recipient.answered(status, headers, body)

    def _fail(self, kind: FailureKind, detail: str) -> None:
        recipient, self._recipient = self._recipient, None
        if recipient is None:
            return
        if self._headed:
            status = self._parser.get_status_code()
            recipient.failed(DeliveryError(kind, detail, sent=1, status=status))
        elif kind == "timeout":
            recipient.failed(DeliveryError(kind, detail, sent=1))
        else:
            recipient.failed(UnansweredError(kind, detail, sent=1))

    def _set_timer(self) -> None:
        """Look again at the deadline; one timer serves many requests, since few run into it."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._deadline
        self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        self._timer = None
        if self._recipient is None:
            return
        if self._loop.time() < self._deadline - TICK_S:
            self._set_timer()  # it was set for an earlier request
        else:
            self._fail("timeout", "no complete answer in time")
            self.close()


def _field(name: bytes, value: bytes) -> tuple[str, str]:
    return name.decode("latin-1").lower(), value.decode("latin-1")


_remembered = lru_cache(maxsize=4096)(_field)
