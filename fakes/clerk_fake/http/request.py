"""A request, read completely and bounded in size."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.fields import Fields
from clerk_fake.http.headers import Headers
from clerk_fake.http.query import Query

__all__ = ["Receive", "Request", "Scope", "read_request"]

T = TypeVar("T")
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked.

    Attributes:
        scope: As ASGI describes it.
        params: The variable parts of the path, by name.
        headers: As sent.
        body: All of it.
    """

    scope: Scope
    params: Mapping[str, str]
    headers: Headers
    body: bytes

    @property
    def method(self) -> str:
        """The method, upper case."""
        method: str = self.scope["method"]
        return method

    @property
    def path(self) -> str:
        """The path, percent-decoded and without query."""
        path: str = self.scope["path"]
        return path

    @property
    def client_ip(self) -> str:
        """Who asks; empty when that is not known."""
        client: tuple[str, int] | None = self.scope.get("client")
        return client[0] if client else ""

    @property
    def origin(self) -> Origin:
        """Who asks, as events tell it."""
        return Origin(client_ip=self.client_ip, user_agent=self.headers.get("user-agent"))

    def query(self) -> Query:
        """Return the parameters behind the ``?``.

        Raises:
            ApiError: 400, there are too many of them.
        """
        return Query.parse(self.scope["query_string"])

    def fields(self) -> Fields:
        """Return the JSON object in the body; an empty body is an empty object.

        Raises:
            ApiError: 400, the body is no JSON; 422, it is no object.
        """
        return Fields(self._document(dict, "a JSON object"))

    def items(self) -> tuple[Fields, ...]:
        """Return the JSON objects of the array in the body; an empty body is an empty array.

        Raises:
            ApiError: 400, the body is no JSON; 422, it is no array of objects.
        """
        return Fields({"items": self._document(list, "a JSON array")}).nested_list("items")

    def _document(self, wanted: type[T], expected: str) -> T:
        if not self.body.strip():
            return wanted()
        try:
            document = orjson.loads(self.body)
        except orjson.JSONDecodeError as malformed:
            raise ApiError.bad_request(
                f"The request body is no valid JSON: {malformed}"
            ) from malformed
        if not isinstance(document, wanted):
            raise ApiError.bad_format("The request body", expected)
        return document


async def read_request(
    scope: Scope, receive: Receive, params: Mapping[str, str], *, body_limit: int
) -> Request:
    """Read a request from ASGI.

    Raises:
        ApiError: 413, the body is larger than ``body_limit`` bytes; nothing more is read then.
    """
    headers = Headers(scope["headers"])
    return Request(scope, params, headers, await _read_body(receive, headers, body_limit))


async def _read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    announced = headers.get("content-length", "0")
    if announced == "0" and "transfer-encoding" not in headers:
        return b""
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise ApiError.body_too_large(limit)
    chunks = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break  # the client is gone; whatever is answered goes nowhere
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise ApiError.body_too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)
