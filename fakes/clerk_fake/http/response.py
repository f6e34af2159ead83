"""An answer, and how it goes out."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import orjson

__all__ = [
    "HTML",
    "Response",
    "Send",
    "empty_response",
    "html_response",
    "json_response",
    "send_response",
]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON: Final = b"application/json"
NO_CONTENT: Final = 204
HTML: Final = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered.

    Attributes:
        status: HTTP status.
        body: All of it.
        content_type: Exactly ``application/json`` for JSON: Clerk's Node client insists.
        headers: Further ones.
    """

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def head(self) -> MutableMapping[str, Any]:
        """Return status and headers as ASGI wants them."""
        headers = [*self.headers]
        if self.body:
            headers.append((b"content-type", self.content_type))
        if self.status != NO_CONTENT:
            headers.append((b"content-length", str(len(self.body)).encode()))
        return {"type": "http.response.start", "status": self.status, "headers": headers}

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """Return the same answer with further headers (lower-case names, Latin-1 values)."""
        further = tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())
        return replace(self, headers=self.headers + further)


def json_response(document: object, status: int = 200) -> Response:
    """Answer with JSON; takes dataclasses, too."""
    return Response(status, orjson.dumps(document))


def empty_response(status: int = NO_CONTENT) -> Response:
    """Answer without a body."""
    return Response(status, b"")


def html_response(page: str) -> Response:
    """Answer with a page that may load nothing from anywhere."""
    policy = b"default-src 'none'; style-src 'unsafe-inline'"
    return Response(200, page.encode(), HTML, ((b"content-security-policy", policy),))


async def send_response(response: Response, send: Send) -> None:
    """Hand an answer to ASGI."""
    await send(response.head())
    await send({"type": "http.response.body", "body": response.body})
