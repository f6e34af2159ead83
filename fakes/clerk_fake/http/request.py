"""A request, read completely and bounded in size."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.fields import Fields
from clerk_fake.http.query import Query

__all__ = ["Receive", "Request", "Scope", "read_request"]

T = TypeVar("T")
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked.

    Attributes:
        method: Upper case.
        path: Percent-decoded, without query.
        params: The variable parts of the path, by name.
        query_string: As sent.
        headers: Lower-case name → value (the last one, when repeated).
        body: All of it.
        client_ip: Who asks.
    """

    method: str
    path: str
    params: Mapping[str, str]
    query_string: bytes
    headers: Mapping[str, str]
    body: bytes
    client_ip: str

    @property
    def origin(self) -> Origin:
        """Who asks, as events tell it."""
        return Origin(client_ip=self.client_ip, user_agent=self.headers.get("user-agent", ""))

    def query(self) -> Query:
        """Return the parameters behind the ``?``.

        Raises:
            ApiError: 400, there are too many of them.
        """
        try:
            values = parse_qs(
                self.query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=1000
            )
        except ValueError as too_many:
            raise ApiError.bad_request("The query string has too many parameters.") from too_many
        return Query(values)

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
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=scope["method"],
        path=scope["path"],
        params=params,
        query_string=scope["query_string"],
        headers=headers,
        body=await _read_body(receive, headers, body_limit),
        client_ip=(scope.get("client") or ("", 0))[0],
    )


async def _read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
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
