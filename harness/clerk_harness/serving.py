"""Serve an app of the test's on a loopback port, so that it is reached as in production."""

import contextlib
import inspect
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import uvicorn

from clerk_harness.errors import MachineError
from clerk_harness.waiting import WaitTimeoutError, eventually

__all__ = ["serve"]

_STARTS_WITHIN_S = 10


@contextlib.contextmanager
def serve(app: Callable[..., Any]) -> Iterator[str]:
    """Serve an ASGI or WSGI app in a thread for the body, and yield its base URL.

    Raises:
        MachineError: The app did not start, such as for an error in its lifespan.
    """
    with _asgi(app) if _is_asgi(app) else _wsgi(app) as port:
        yield f"http://127.0.0.1:{port}"


def _is_asgi(app: Callable[..., Any]) -> bool:
    call = app if inspect.isfunction(app) else getattr(app, "__call__", app)  # noqa: B004 - its kind is asked for
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)


@contextlib.contextmanager
def _asgi(app: Any) -> Iterator[int]:
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, name="clerk-app", daemon=True)
    thread.start()
    try:
        eventually(
            lambda: server.started or not thread.is_alive(),
            within=_STARTS_WITHIN_S,
            every=0.01,
            describe="start of the app",
        )
    except WaitTimeoutError as late:
        server.should_exit = True
        raise MachineError(str(late), "does its lifespan end its start-up?") from late
    if not server.started:
        raise MachineError("the app did not start", "its own error is above")
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(_STARTS_WITHIN_S)


class _ThreadingWsgiServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False  # a handler that hangs must not hang the test's end


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """A test's output belongs to the test."""


@contextlib.contextmanager
def _wsgi(app: Any) -> Iterator[int]:
    server = _ThreadingWsgiServer(("127.0.0.1", 0), _QuietHandler)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="clerk-app")
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(_STARTS_WITHIN_S)
        server.server_close()
