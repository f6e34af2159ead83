"""The outermost layer: every request passes it, and every answer.

Plain ASGI, for it costs each webhook a few microseconds: it names the request, finds out who sends
it, turns away who sends too much, puts the security headers on the answer, and lets no error out.
"""

from collections.abc import Callable
from logging import getLogger
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clerk_sync.api.bodies import read_small_body
from clerk_sync.api.problems import answer_internal_error, answer_problem
from clerk_sync.api.sources import TrustedProxies, source_of
from clerk_sync.errors import ClerkSyncError, RateLimitedError
from clerk_sync.request_ids import RequestIds
from clerk_sync.service.rates.rates import Rates

__all__ = ["Edge"]

WEBHOOKS: Final = "/webhooks/"
HEALTH: Final = "/health/"
"""Probes of an orchestrator must be answered, whoever else comes from their address."""

HEADERS: Final = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

_log = getLogger(__name__)


class _Answer:
    """Sends an answer with more headers."""

    __slots__ = ("_extra", "_send", "started")

    def __init__(self, send: Send, extra: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._extra = extra
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", ()), *self._extra]
        await self._send(message)


class Edge:
    """Wraps an ASGI application.

    Args:
        app: What is inside.
        proxies: Who may say for whom it forwards.
        rates: Returns the limits; asked for each request, for they exist only while the
            application runs.
    """

    def __init__(
        self, app: ASGIApp, *, proxies: TrustedProxies, rates: Callable[[], Rates]
    ) -> None:
        self._app = app
        self._proxies = proxies
        self._rates = rates
        self._ids = RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request_id = self._ids.begin(_offered_id(scope))
        self._proxies.resolve(scope)
        extra = [*HEADERS, (b"x-request-id", request_id.encode())]
        if scope["scheme"] == "https":
            extra.append(HSTS)
        answer = _Answer(send, extra)
        try:
            if refusal := await self._admit(scope):
                await answer_problem(refusal, path=scope["path"])(scope, receive, answer)
                return
            if not scope["path"].startswith(WEBHOOKS):
                receive = await read_small_body(scope, receive)
            await self._app(scope, receive, answer)
        except ClerkSyncError as problem:
            await answer_problem(problem, path=scope["path"])(scope, receive, answer)
        except Exception:  # noqa: BLE001 - nobody is left to catch it, and it must not show
            _log.exception("a request failed unforeseen", extra={"path": scope["path"]})
            if not answer.started:
                await answer_internal_error()(scope, receive, answer)

    async def _admit(self, scope: Scope) -> RateLimitedError | None:
        path: str = scope["path"]
        if path.startswith(HEALTH):
            return None
        rates = self._rates()
        limiter = rates.webhooks if path.startswith(WEBHOOKS) else rates.api
        if limiter is None:
            return None
        source = source_of(scope["client"][0])
        if limiter.spend_held(source):
            return None
        return await limiter.spend(source)


def _offered_id(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            offered: bytes = value
            return offered
    return None
