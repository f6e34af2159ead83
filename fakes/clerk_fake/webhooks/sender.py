"""POST over HTTP/1.1, as fast as one core allows: asyncio, httptools and nothing in between.

Needs no instance: the dispatcher delivers with it, and load generators may drive it alone.
Connections are kept alive and pooled per host; a kept connection that its server closed in the
meantime is noticed at once. Whatever was lost on the way within its first second is sent once more
at once, byte for byte, as Svix does (``execute_inner`` in its ``webhook_http_client.rs``).
Redirections are answers like any other: none is followed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from clerk_fake.webhooks.answer import Answer, Headers
from clerk_fake.webhooks.connection import BODY_KEPT, Connection
from clerk_fake.webhooks.failure import DeliveryError
from clerk_fake.webhooks.manner import Manner
from clerk_fake.webhooks.pool import Pool
from clerk_fake.webhooks.request_head import request_head
from clerk_fake.webhooks.sending import RESENT_WITHIN_S, Done, Sending

if TYPE_CHECKING:
    from clerk_fake.webhooks.guard import Guard

__all__ = ["BODY_KEPT", "RESENT_WITHIN_S", "Answer", "DeliveryError", "Manner", "Sender"]


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
        self._user_agent = user_agent
        self._now = now
        self._pool = Pool(max_idle, guard)

    def start(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float, *, done: Done
    ) -> Sending:
        """POST as ``post`` does, without a task: ``done`` is called with the answer or failure.

        Raises:
            DeliveryError: This cannot be sent; ``done`` is not called.
        """
        head = request_head(url, tuple(headers), self._user_agent)
        request = head.write(headers.values(), len(body)) + body
        return Sending(self._pool, head, request, timeout_s, now=self._now, done=done)

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
        waiting = _Waiting()
        sending = self.start(url, headers, body, timeout_s, done=waiting.settle)
        try:
            outcome = await waiting.outcome
        except BaseException:  # cancelled: a half-read connection is of no use to anyone
            sending.cancel()
            raise
        if isinstance(outcome, DeliveryError):
            raise outcome
        return outcome

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
        deadline = asyncio.get_running_loop().time() + timeout_s
        connection = await self._pool.connect(head, timeout_s)
        waiting = _Waiting()
        connection.carry(b"", waiting, deadline)
        feeding = asyncio.ensure_future(_feed(connection, parts, manner))
        try:
            outcome = await waiting.outcome
        finally:
            feeding.cancel()
            connection.close()
        if isinstance(outcome, DeliveryError):
            raise outcome
        return replace(outcome, latency_ms=(self._now() - started) * 1000)

    async def close(self) -> None:
        """Close all idle connections; requests under way end by themselves."""
        self._pool.close()


class _Waiting:
    """Turns a call into something to wait for."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Answer | DeliveryError] = loop.create_future()

    def settle(self, outcome: Answer | DeliveryError) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def answered(self, status: int, headers: Headers, body: bytes) -> None:
        self.settle(Answer(status, body, 0.0, headers))

    def failed(self, failure: DeliveryError) -> None:
        self.settle(failure)


async def _feed(connection: Connection, parts: AsyncIterator[bytes], manner: Manner) -> None:
    async for part in parts:
        connection.write(part)
    if manner.cut_after is not None:
        connection.end()
