"""One request on its way, told to whoever waits for it without a task of its own."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from clerk_fake.webhooks.answer import Answer, Headers
from clerk_fake.webhooks.failure import DeliveryError, UnansweredError
from clerk_fake.webhooks.pool import Pool
from clerk_fake.webhooks.request_head import RequestHead

__all__ = ["RESENT_WITHIN_S", "Done", "Sending"]

RESENT_WITHIN_S: Final = 1.0
"""What is lost sooner than this after its start is sent once more at once, in seconds."""

Done: TypeAlias = Callable[[Answer | DeliveryError], None]
"""Hears once how it ended, never from within the call that began it."""


class Sending:
    """A request from its first byte to its answer, the one resend included.

    Args:
        pool: Where the connections come from.
        head: Where it goes.
        request: The whole of it.
        timeout_s: Limit for everything, connecting included, in seconds; a resend has it anew.
        now: Tells the time in seconds, from anywhere on.
        done: Called at its end, unless it is cancelled.
    """

    __slots__ = (
        "_connecting",
        "_connection",
        "_done",
        "_head",
        "_lost",
        "_now",
        "_pool",
        "_request",
        "_started",
        "_timeout_s",
    )

    def __init__(  # noqa: PLR0913 - made for each message, so no object around its arguments
        self,
        pool: Pool,
        head: RequestHead,
        request: bytes,
        timeout_s: float,
        *,
        now: Callable[[], float],
        done: Done,
    ) -> None:
        self._pool = pool
        self._head = head
        self._request = request
        self._timeout_s = timeout_s
        self._now = now
        self._done = done
        self._lost: UnansweredError | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._started = now()
        self._connection = pool.take(head)
        if self._connection is None:
            self._connect()
        else:
            deadline = asyncio.get_running_loop().time() + timeout_s
            self._connection.carry(request, self, deadline)

    def cancel(self) -> None:
        """Break it off; ``done`` is not called."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.close()

    def answered(self, status: int, headers: Headers, body: bytes) -> None:
        """Hand over the answer (called by the connection)."""
        if self._connection is not None:
            self._pool.keep(self._connection, self._head)
        latency_ms = (self._now() - self._started) * 1000
        self._done(Answer(status, body, latency_ms, headers, self._lost is not None))

    def failed(self, failure: DeliveryError) -> None:
        """Send once more, or hand over why not (called by the connection)."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lost is not None:
            failure.sent += self._lost.sent
        elif isinstance(failure, UnansweredError) and self._is_early():
            self._lost = failure
            self._connect()
            return
        self._done(failure)

    def _is_early(self) -> bool:
        return self._now() - self._started < RESENT_WITHIN_S

    def _connect(self) -> None:
        self._connecting = asyncio.ensure_future(self._send_freshly())

    async def _send_freshly(self) -> None:
        """Send over a new connection: where one that was kept is stale, others are likely to be."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout_s
        try:
            connection = await self._pool.connect(self._head, self._timeout_s)
        except DeliveryError as failure:
            self._connecting = None
            self.failed(failure)
            return
        self._connecting = None
        self._connection = connection
        connection.carry(self._request, self, deadline)
