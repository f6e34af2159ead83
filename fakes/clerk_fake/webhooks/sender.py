"""POST over HTTP/1.1, as fast as one core allows: asyncio, httptools and nothing in between.

Needs no instance: the dispatcher delivers with it, and load generators may drive it alone.
Connections are kept alive and pooled per host; a kept connection that its server closed in the
meantime is noticed at once. Whatever was lost on the way within its first second is sent once more
at once, byte for byte, as Svix does (``execute_inner`` in its ``webhook_http_client.rs``).
Redirections are answers like any other: none is followed.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from socket import gaierror
from time import perf_counter
from typing import TYPE_CHECKING, Final

from clerk_fake.webhooks.connection import (
    Connection,
    DeliveryError,
    RawAnswer,
    UnansweredError,
)
from clerk_fake.webhooks.manner import Manner
from clerk_fake.webhooks.request_head import RequestHead, request_head

if TYPE_CHECKING:
    from clerk_fake.webhooks.guard import Guard

__all__ = ["BODY_KEPT", "RESENT_WITHIN_S", "Answer", "DeliveryError", "Manner", "Sender"]

BODY_KEPT: Final = 64 * 1024
"""How much of a response body is kept, in bytes."""

RESENT_WITHIN_S: Final = 1.0
"""What is lost sooner than this after its start is sent once more at once, in seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered.

    Attributes:
        status: HTTP status.
        body: The first 64 kB of the response body.
        latency_ms: From the call to the last byte, a new connection included.
        headers: Names in lower case, and values; those behind the first 16 kB are left out.
        resent: Whether it answers the second sending, because the first one was lost.
    """

    status: int
    body: bytes
    latency_ms: float
    headers: tuple[tuple[str, str], ...] = ()
    resent: bool = False

    def header(self, name: str) -> str | None:
        """Return the first value of a header, which is named in lower case."""
        for known, value in self.headers:
            if known == name:
                return value
        return None


class Sender:
    """Sends POST requests over pooled connections of the running event loop.

    Args:
        max_idle: Connections kept open per host while nobody uses them.
        user_agent: Sent with every request.
        now: Tells the time in seconds, from anywhere on; decides what a resend comes too late for.
        guard: Says where connections may go; ``None`` for anywhere.

    Attributes:
        guard: As given.
    """

    def __init__(
        self,
        *,
        max_idle: int = 128,
        user_agent: str = "Svix-Webhooks/1.0",
        now: Callable[[], float] = perf_counter,
        guard: "Guard | None" = None,
    ) -> None:
        self.guard = guard
        self._max_idle = max_idle
        self._user_agent = user_agent
        self._now = now
        self._idle: dict[tuple[str, int, bool], dict[Connection, None]] = {}
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """POST ``body`` as JSON and wait for the whole answer.

        When no connection can be made, or it fails before an answer came, and that within the
        first second, the same bytes are sent once more over a new connection.

        Args:
            url: ``http://`` or ``https://``; a login in it is sent as basic authorization.
            headers: Sent besides host, user agent, accept, content type and length. All but the
                last give way to one of the same name in here.
            body: Sent as it is.
            timeout_s: Limit for everything, connecting included, in seconds; a resend has it anew.

        Raises:
            DeliveryError: No complete answer came; its ``kind`` says why.
        """
        started = self._now()
        head = request_head(url, tuple(headers), self._user_agent)
        request = head.write(headers.values(), len(body)) + body
        try:
            answer = await self._exchange(head, self._take_idle(head), request, timeout_s)
            resent = False
        except UnansweredError as lost:
            if self._now() - started >= RESENT_WITHIN_S:
                raise
            answer = await self._resend(head, request, timeout_s, lost)
            resent = True
        latency_ms = (self._now() - started) * 1000
        return Answer(answer.status, answer.body, latency_ms, answer.headers, resent)

    async def post_oddly(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        manner: Manner,
        timeout_s: float,
    ) -> Answer:
        """POST ``body`` in an odd manner, over a connection of its own, and once only.

        Everything else is as in ``post``; a body that is cut is a ``DeliveryError`` of the kind
        ``reset``, unless the receiver answered before it was.
        """
        started = self._now()
        head = request_head(url, tuple(headers), self._user_agent)
        parts = manner.parts(head.write(headers.values(), len(body)), body)
        connection = await self._connect(head, timeout_s)
        left_s = max(timeout_s - (self._now() - started), 0)
        try:
            cut = manner.cut_after is not None
            answer = await connection.exchange_in_parts(parts, left_s, close=cut)
        finally:
            connection.close()
        latency_ms = (self._now() - started) * 1000
        return Answer(answer.status, answer.body, latency_ms, answer.headers)

    async def close(self) -> None:
        """Close all idle connections; requests under way end by themselves."""
        for connections in self._idle.values():
            for connection in tuple(connections):
                connection.close()
        self._idle.clear()

    async def _resend(
        self, head: RequestHead, request: bytes, timeout_s: float, lost: UnansweredError
    ) -> RawAnswer:
        try:
            return await self._exchange(head, None, request, timeout_s)
        except DeliveryError as failure:
            failure.sent += lost.sent
            raise

    async def _exchange(
        self, head: RequestHead, kept: Connection | None, request: bytes, timeout_s: float
    ) -> RawAnswer:
        if kept is None:
            started = self._now()
            connection = await self._connect(head, timeout_s)
            timeout_s = max(timeout_s - (self._now() - started), 0)
        else:
            connection = kept
        try:
            answer = await connection.exchange(request, timeout_s)
        except BaseException:  # cancelled ones too: a half-read connection is of no use to anyone
            connection.close()
            raise
        self._keep(connection, head)
        return answer

    async def _connect(self, head: RequestHead, timeout_s: float) -> Connection:
        where = f"{head.host}:{head.port}"
        try:
            async with asyncio.timeout(timeout_s):
                return await self._connect_to_first(await self._addresses(head), head)
        except TimeoutError as late:
            raise DeliveryError("timeout", f"no connection to {where} in time") from late
        except (
            gaierror,
            UnicodeError,
        ) as unknown:  # the latter from names that IDNA has no form of
            raise UnansweredError("dns", f"{head.host} cannot be resolved") from unknown
        except OSError as refused:
            raise UnansweredError("connect", f"{where} cannot be reached: {refused}") from refused

    async def _addresses(self, head: RequestHead) -> tuple[str, ...]:
        if self.guard is None:
            return (head.host,)
        return await self.guard.addresses(head.host, head.port)

    async def _connect_to_first(self, addresses: Sequence[str], head: RequestHead) -> Connection:
        """Connect to the first address that lets us."""
        loop = asyncio.get_running_loop()
        refused = OSError("no address")
        for address in addresses:
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, body_kept=BODY_KEPT),
                    address,
                    head.port,
                    ssl=self._tls_context() if head.tls else None,
                    server_hostname=head.host if head.tls else None,
                )
            except OSError as why:
                refused = why
            else:
                return connection
        raise refused

    def _take_idle(self, head: RequestHead) -> Connection | None:
        idle = self._idle.get(head.origin)
        while idle:
            connection, _ = idle.popitem()
            if connection.usable:
                return connection
        return None

    def _keep(self, connection: Connection, head: RequestHead) -> None:
        idle = self._idle.setdefault(head.origin, {})
        if connection.usable and len(idle) < self._max_idle:
            idle[connection] = None
        else:
            connection.close()

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls
