"""The connection of one request, for those who do worse to it than answer."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from clerk_fake.http.request import Receive, Scope
from clerk_fake.http.response import Response, Send

__all__ = ["Connection", "Transports"]

Peer: TypeAlias = tuple[str, int] | None
Transports: TypeAlias = Callable[[Peer], asyncio.Transport | None]
"""Finds the transport of the connection from a peer, as ASGI names it in ``scope["client"]``."""

RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""``SO_LINGER`` of 0 seconds: closing sends RST instead of FIN."""


class Connection:
    """What is left of ASGI once the request has been read.

    Args:
        scope: Of the request.
        receive: Of the request, whose body has been read.
        send: Of the request, unused so far.
        transports: Of the server.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, transports: Transports
    ) -> None:
        self._peer: Peer = scope.get("client")
        self._receive = receive
        self._send = send
        self._transports = transports

    async def gone(self) -> None:
        """Wait until the client has closed the connection (or it was reset)."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def reset(self) -> None:
        """Break the connection off: the client gets RST, and no further byte."""
        transport = self._transports(self._peer)
        if transport is not None:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE
            )
            transport.abort()
        await self.gone()

    async def send_part(self, response: Response, size: int) -> None:
        """Send the head, which announces the whole body, and the first ``size`` bytes of it."""
        await self._send(response.head())
        await self._send(
            {"type": "http.response.body", "body": response.body[:size], "more_body": True}
        )
        await asyncio.sleep(0)  # the event loop writes at the end of its turn
