"""The API process: listens, serves, and drains before it ends."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from logging import getLogger
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from clerk_sync.app import create_app
from clerk_sync.config import Settings
from clerk_sync.errors import ConfigurationError

__all__ = ["listen", "serve"]

LAST_READ_S: Final = 0.05
FIRST_REQUEST_S: Final = 1.0
"""So long those who have just connected have for their request before they count as idle."""
HARD_STOP_S: Final = 5.0
"""Past the bounded drain nobody is left to wait for; then the process is ended from a thread."""

_log = getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        ConfigurationError: The port cannot be had.
    """
    try:
        return socket.create_server((host, port), backlog=2048)
    except (OSError, OverflowError) as taken:
        raise ConfigurationError(
            f"{host}:{port} cannot be listened on ({taken})", "choose another --host or --port"
        ) from taken


def serve(settings: Settings, listener: socket.socket, *, parent: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second one ends it at once.

    On the first signal readiness says 503 and every answer asks for the connection's end; after
    ``drain_notice_s`` nothing new is accepted, and what is under way has ``drain_s`` to finish.

    Args:
        settings: The configuration.
        listener: Closed in the end; may be shared with other processes.
        parent: Reads as ended when the supervisor is gone; then this process drains, too.

    Raises:
        ConfigurationError: An option cannot be used.
    """
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=max(1, round(settings.drain_s)),
        server_header=False,
        # It would believe X-Forwarded-For from loopback; we have CLERK_SYNC_TRUSTED_PROXIES.
        proxy_headers=False,
    )
    server = _DrainingServer(config, app, settings)
    if parent is not None:
        _end_with_parent(parent, within_s=settings.drain_notice_s + settings.drain_s + HARD_STOP_S)
    # Uvicorn raises the signals again when it is done: that ends the process with 0, not -15.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with listener:
        server.run(sockets=[listener])


class _DrainingServer(uvicorn.Server):
    """Gives notice before it stops accepting."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self._app = app
        self._notice_s = settings.drain_notice_s
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Take a signal: the first begins to drain, the second ends everything at once."""
        self._captured_signals.append(sig)
        if getattr(self._app.state, "draining", False) or self._loop is None:
            self.force_exit = self.should_exit = True
            return
        self._app.state.draining = True
        # In place, so that answers under way say it as well; and for those to come.
        self.server_state.default_headers.append((b"connection", b"close"))
        self.config.encoded_headers.append((b"connection", b"close"))
        self._loop.call_soon_threadsafe(self._loop.call_later, self._notice_s, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("draining", extra={"connections": len(self.server_state.connections)})
        if not self.force_exit:
            await self._accept_the_last(sockets or ())
            await self._await_first_requests()
        await super().shutdown(sockets)

    async def _accept_the_last(self, listeners: Iterable[socket.socket]) -> None:
        """Stop accepting; whoever is connected but not yet accepted would be reset by that."""
        loop = asyncio.get_running_loop()
        last = [listener.dup() for listener in listeners]
        for server in self.servers:
            server.close()
        for listener in listeners:
            listener.close()
        for listener in last:
            listener.setblocking(False)
            with listener, suppress(BlockingIOError):
                while True:
                    accepted, _ = listener.accept()
                    accepted.setblocking(False)
                    await loop.connect_accepted_socket(self._protocol, accepted)

    async def _await_first_requests(self) -> None:
        """Let those who connected a moment ago say what they want."""
        loop = asyncio.get_running_loop()
        until = loop.time() + FIRST_REQUEST_S
        await asyncio.sleep(LAST_READ_S)
        while not self.force_exit and self._somebody_is_new() and loop.time() < until:  # noqa: ASYNC110 - untold
            await asyncio.sleep(LAST_READ_S)

    def _somebody_is_new(self) -> bool:
        connections = self.server_state.connections
        return any(getattr(connection, "cycle", None) is None for connection in connections)

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself does
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def _end_with_parent(descriptor: int, *, within_s: float) -> None:
    """End this process when the parent's end of a pipe is closed, however the parent ended."""

    def watch() -> None:
        while os.read(descriptor, 64):
            pass
        _log.warning("the supervisor is gone: ending")
        os.kill(os.getpid(), signal.SIGTERM)
        # A process that does not even drain in time is not left behind.
        threading.Event().wait(within_s)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
