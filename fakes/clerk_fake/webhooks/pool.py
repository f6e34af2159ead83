"""Connections that are kept open between requests, and how new ones are made."""

import asyncio
import ssl
from collections.abc import Sequence
from socket import gaierror
from typing import TYPE_CHECKING

from clerk_fake.webhooks.connection import Connection
from clerk_fake.webhooks.failure import DeliveryError, UnansweredError
from clerk_fake.webhooks.known_heads import KnownHeads
from clerk_fake.webhooks.request_head import RequestHead

if TYPE_CHECKING:
    from clerk_fake.webhooks.guard import Guard

__all__ = ["Pool"]


class Pool:
    """The connections of one event loop.

    Args:
        max_idle: Connections kept open per host while nobody uses them.
        guard: Says where connections may go; ``None`` for anywhere.
    """

    def __init__(self, max_idle: int, guard: "Guard | None") -> None:
        self._guard = guard
        self._max_idle = max_idle
        self._idle: dict[tuple[str, int, bool], dict[Connection, None]] = {}
        self._heads = KnownHeads()
        self._tls: ssl.SSLContext | None = None

    def take(self, head: RequestHead) -> Connection | None:
        """Return a kept connection for these requests that can be used, if there is one."""
        idle = self._idle.get(head.origin)
        while idle:
            connection, _ = idle.popitem()
            if connection.usable:
                return connection
        return None

    def keep(self, connection: Connection, head: RequestHead) -> None:
        """Take a connection back, or close it."""
        idle = self._idle.get(head.origin)
        if idle is None:
            idle = self._idle[head.origin] = {}
        if connection.usable and len(idle) < self._max_idle:
            idle[connection] = None
        else:
            connection.close()

    def close(self) -> None:
        """Close all connections that are kept."""
        for connections in self._idle.values():
            for connection in tuple(connections):
                connection.close()
        self._idle.clear()

    async def connect(self, head: RequestHead, timeout_s: float) -> Connection:
        """Make a new connection for these requests.

        Raises:
            DeliveryError: There was none in time.
            UnansweredError: There can be none now.
        """
        where = f"{head.host}:{head.port}"
        try:
            async with asyncio.timeout(timeout_s):
                return await self._connect_to_first(await self._addresses(head), head)
        except TimeoutError as late:
            raise DeliveryError("timeout", f"no connection to {where} in time") from late
        except (gaierror, ValueError) as unknown:  # names that IDNA or TLS has no form of
            raise UnansweredError("dns", f"{head.host} cannot be resolved") from unknown
        except OSError as refused:
            raise UnansweredError("connect", f"{where} cannot be reached: {refused}") from refused

    async def _addresses(self, head: RequestHead) -> tuple[str, ...]:
        if self._guard is None:
            return (head.host,)
        return await self._guard.addresses(head.host, head.port)

    async def _connect_to_first(self, addresses: Sequence[str], head: RequestHead) -> Connection:
        """Connect to the first address that lets us."""
        loop = asyncio.get_running_loop()
        refused = OSError("no address")
        for address in addresses:
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, self._heads),
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

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls
