"""``POST /webhooks/clerk``: 2xx means committed, 4xx means never send this again, 503 means again.

A plain Starlette route: it reads the raw bytes and needs nothing that FastAPI adds.
"""

import asyncio
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from clerk_sync.api.context import Context, context_of
from clerk_sync.errors import ClerkSyncError, InvalidWebhookError, PayloadTooLargeError

__all__ = ["webhook_route"]

BODY_LIMIT: Final = 256 * 1024
BODY_TIMEOUT_S: Final = 10.0


async def _receive(request: Request) -> Response:
    context = context_of(request)
    event_type = None
    try:
        body = await _read_body(request)
        delivery = context.signatures.verify(body, request.headers)
        event_type = delivery.event_type
        fresh = await context.receiver.receive(delivery)
    except ClerkSyncError as refused:
        outcome = getattr(refused, "reason", refused.code)
        context.metrics.count_webhook(event_type, outcome)
        raise
    context.metrics.count_webhook(event_type, "accepted" if fresh else "duplicate")
    if not fresh:
        return Response(status_code=204)
    # A background task runs when the answer is out: Redis cannot delay it.
    return Response(status_code=204, background=BackgroundTask(_wake, context, delivery.svix_id))


async def _wake(context: Context, svix_id: str) -> None:
    context.wake_ups.offer(svix_id)


async def _read_body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) < 20 and int(announced) > BODY_LIMIT:  # noqa: PLR2004 - longer numbers are slow to convert
        raise PayloadTooLargeError(limit=BODY_LIMIT)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise PayloadTooLargeError(limit=BODY_LIMIT)
    except (ClientDisconnect, TimeoutError) as cut:
        raise InvalidWebhookError("the body did not arrive whole", reason="cut_body") from cut
    return bytes(body)


webhook_route: Final = Route("/webhooks/clerk", _receive, methods=["POST"])
