"""From ASGI to a handler and back: the one place where errors become responses."""

import logging
import secrets

from clerk_fake.errors import ApiError
from clerk_fake.http.request import Receive, Request, Scope, read_request
from clerk_fake.http.response import Response, Send, json_response, send_response
from clerk_fake.http.router import Router

__all__ = ["Serving"]

logger = logging.getLogger(__name__)


class Serving:
    """An ASGI application over a router.

    Args:
        router: All routes.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (called by the ASGI server)."""
        if scope["type"] != "http":
            raise RuntimeError(f"the fake speaks HTTP only, not {scope['type']}")
        await send_response(await self._answer(scope, receive), send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            match = self._router.match(scope["method"], scope["path"])
            request: Request = await read_request(
                scope, receive, match.params, body_limit=match.route.body_limit
            )
            return match.route.handler(request)
        except ApiError as refusal:
            return _refused(refusal)
        except Exception:
            logger.exception("%s %s failed: this is a bug", scope["method"], scope["path"])
            return _refused(
                ApiError.of(
                    500,
                    "internal_clerk_error",
                    "Internal error",
                    "The fake has a bug: please report the traceback on its standard error.",
                )
            )


def _refused(refusal: ApiError) -> Response:
    errors = [
        {
            "message": complaint.message,
            "long_message": complaint.long_message,
            "code": complaint.code,
            **({"meta": complaint.meta} if complaint.meta else {}),
        }
        for complaint in refusal.complaints
    ]
    return json_response(
        {"errors": errors, "clerk_trace_id": secrets.token_hex(16)}, refusal.status
    )
