"""``POST /webhooks/clerk``: 2xx means committed, 4xx means never send this again, 503 means again.

A route for Starlette whose endpoint is plain ASGI: ``clerk_sync.app`` hands it its requests before
any middleware, whose layers would cost more than all that happens here.
"""

import asyncio
import time
from typing import Final, cast

from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from clerk_sync.api.context import context_in
from clerk_sync.api.problems import answer_problem
from clerk_sync.api.sources import source_of
from clerk_sync.errors import ClerkSyncError, InvalidWebhookError, PayloadTooLargeError
from clerk_sync.service.deadlines import Deadlines

__all__ = ["WEBHOOK_PATH", "WebhookEndpoint", "webhook_route"]

WEBHOOK_PATH: Final = "/webhooks/clerk"
BODY_LIMIT: Final = 256 * 1024
BODY_TIMEOUT_S: Final = 10.0

_LENGTH: Final = b"content-length"
_LONGEST_LENGTH: Final = 19
"""Digits of a number that is quick to convert; longer ones are above every limit anyway."""
_END: Final[Message] = {"type": "http.response.body", "body": b""}


class WebhookEndpoint:
    """The endpoint as an ASGI application.

    Args:
        body_timeout_s: Longest time in seconds in which a body arrives.
    """

    def __init__(self, body_timeout_s: float = BODY_TIMEOUT_S) -> None:
        self._reading = Deadlines[asyncio.Task[None]](body_timeout_s, asyncio.Task.cancel)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one delivery and answer it."""
        context = context_in(scope)
        event_type = body = None
        started = time.perf_counter() if context.tracing is not None else 0.0
        try:
            headers = _headers(scope)
            body = await self._read_body(headers, receive)
            delivery = context.signatures.verify(body, headers)
            event_type = delivery.event_type
            fresh = await context.receiver.receive(delivery)
        except ClerkSyncError as refused:
            outcome = getattr(refused, "reason", refused.code)
            context.metrics.count_webhook(event_type, outcome)
            problem = await context.rates.count_refused(source_of(scope["client"][0]), refused)
            answer = answer_problem(problem, path=WEBHOOK_PATH)
            if body is None:
                # There may be any amount of it still to come, at any pace.
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        context.metrics.count_webhook(event_type, "accepted" if fresh else "duplicate")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send(_END)
        # Only now, with the answer out: Redis cannot delay it.
        if fresh:
            context.wake_ups.offer(delivery.svix_id)
        if context.tracing is not None:
            context.tracing.record(
                "webhook.receive",
                delivery.svix_id,
                seconds=time.perf_counter() - started,
                outcome="accepted" if fresh else "duplicate",
            )

    async def _read_body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        announced = headers.get(_LENGTH, b"0")
        if not announced.isdigit():
            raise InvalidWebhookError("the header content-length is malformed", reason="cut_body")
        _check_limit(int(announced) if len(announced) <= _LONGEST_LENGTH else BODY_LIMIT + 1)
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._reading.begin(task)
        try:
            body = await _read_chunks(receive)
        except asyncio.CancelledError as cut:
            if self._reading.end(task):
                raise
            task.uncancel()
            raise _cut() from cut
        finally:
            self._reading.end(task)
        return body


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers, of those that come twice the first."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name, value)
    return headers


async def _read_chunks(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    _check_limit(len(body))
    if message["type"] == "http.request" and not message.get("more_body"):
        return body  # all of it at once, as nearly always
    whole = bytearray(body)
    while message["type"] == "http.request":
        if not message.get("more_body"):
            return bytes(whole)
        message = await receive()
        whole += message.get("body", b"")
        _check_limit(len(whole))
    raise _cut()


def _check_limit(length: int) -> None:
    if length > BODY_LIMIT:
        raise PayloadTooLargeError(limit=BODY_LIMIT)


def _cut() -> InvalidWebhookError:
    return InvalidWebhookError("the body did not arrive whole", reason="cut_body")


webhook_route: Final = Route(WEBHOOK_PATH, WebhookEndpoint(), methods=["POST"])
