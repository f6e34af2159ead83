"""From ASGI to a handler and back: the one place where errors become responses."""

import logging
from collections.abc import Callable
from typing import Protocol, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.http.connection import Connection, Transports
from clerk_fake.http.refusals import refused
from clerk_fake.http.request import Receive, Request, Scope, read_request
from clerk_fake.http.response import Response, Send, send_response
from clerk_fake.http.router import Handler, Router
from clerk_fake.http.svix_refusals import BELOW, svix_refused

__all__ = ["Answer", "Seam", "Serving"]

Answer: TypeAlias = Callable[[], Response]
"""Lets the handler answer; refusals have become responses."""

logger = logging.getLogger(__name__)


class Seam(Protocol):
    """What may come between a request and its answer."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be done to any request."""

    async def disturb(
        self, request: Request, answer: Answer, connection: Connection
    ) -> Response | None:
        """Return what to send, or ``None`` when the connection was dealt with already."""


class Serving:
    """An ASGI application over a router.

    Args:
        router: All routes.
        seam: Comes between; looked at once per request while it is idle.
        transports: Of the server, to break connections off.
        body_limit: Largest request body that is read unless a route says otherwise, in bytes.
    """

    def __init__(
        self, router: Router, *, seam: Seam, transports: Transports, body_limit: int
    ) -> None:
        self._body_limit = body_limit
        self._router = router
        self._seam = seam
        self._transports = transports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (called by the ASGI server)."""
        if scope["type"] != "http":
            raise RuntimeError(f"the fake speaks HTTP only, not {scope['type']}")
        response = await self._respond(scope, receive, send)
        if response is not None:
            await send_response(response, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        try:
            match = self._router.match(scope["method"], scope["path"])
            limit = match.route.body_limit or self._body_limit
            request: Request = await read_request(scope, receive, match.params, body_limit=limit)
            handler = match.route.handler
            if self._seam.idle:
                return handler(request)
            connection = Connection(scope, receive, send, transports=self._transports)
            return await self._seam.disturb(request, lambda: _answer(handler, request), connection)
        except ApiError as refusal:
            return _refused(refusal, scope)
        except Exception:
            logger.exception("%s %s failed: this is a bug", scope["method"], scope["path"])
            bug = ApiError.of(
                500,
                "internal_clerk_error",
                "Internal error",
                "The fake has a bug: please report the traceback on its standard error.",
            )
            return _refused(bug, scope)


def _answer(handler: Handler, request: Request) -> Response:
    try:
        return handler(request)
    except ApiError as refusal:
        return _refused(refusal, request.scope)


def _refused(refusal: ApiError, scope: Scope) -> Response:
    """Answer in the words of the service that was asked."""
    if scope["path"].startswith(BELOW):
        return svix_refused(refusal, scope["method"])
    return refused(refusal)
