"""Bodies of everything but webhooks: small, JSON and in time, or refused at the edge."""

import asyncio
from typing import Final

from starlette.types import Message, Receive, Scope

from clerk_sync.errors import InvalidRequestError, PayloadTooLargeError, UnsupportedMediaTypeError

__all__ = ["read_small_body"]

BODY_LIMIT: Final = 16 * 1024
BODY_TIMEOUT_S: Final = 10.0


async def read_small_body(scope: Scope, receive: Receive) -> Receive:
    """Read what a request brings along and return a ``receive`` that gives it out.

    Raises:
        PayloadTooLargeError: It is longer than 16 kB.
        UnsupportedMediaTypeError: It is not called JSON.
        InvalidRequestError: It did not arrive whole within 10 s.
    """
    headers = dict(scope["headers"])
    announced = headers.get(b"content-length", b"0")
    if announced == b"0" and b"transfer-encoding" not in headers:
        return receive
    if announced.isdigit() and (len(announced) > 9 or int(announced) > BODY_LIMIT):  # noqa: PLR2004 - longer numbers are slow to convert
        raise PayloadTooLargeError(limit=BODY_LIMIT)
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
        raise UnsupportedMediaTypeError
    whole: Message = {"type": "http.request", "body": await _read(receive), "more_body": False}
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return whole

    return replay


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise InvalidRequestError("the body did not arrive whole", reason="cut_body")
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    raise PayloadTooLargeError(limit=BODY_LIMIT)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError as late:
        raise InvalidRequestError("the body did not arrive in time", reason="cut_body") from late
