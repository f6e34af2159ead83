"""What stands before the body of a request; all of it that can be is written beforehand."""

import re
from base64 import b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from clerk_fake.webhooks.failure import DeliveryError

__all__ = ["RequestHead", "request_head"]

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header may be called (RFC 9110, 5.6.2)."""

FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers that say where a request ends: the sender's own business."""

WRITTEN: Final = 4096
"""How many heads are kept written: one per URL and set of header names."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of all requests to one URL with headers of the same names.

    Attributes:
        host: Where to connect.
        port: Where to connect.
        tls: Whether the connection is encrypted.
        form: The head, with a ``%s`` for each value and a ``%d`` for the body's length.
        lines: How many lines it has.
        origin: The first three, by which connections are kept.
    """

    host: str
    port: int
    tls: bool
    form: str
    lines: int
    origin: tuple[str, int, bool]

    def write(self, values: Collection[str], length: int) -> bytes:
        """Return the head of a request whose body has ``length`` bytes.

        Raises:
            DeliveryError: A value has a line break or a NUL in it.
        """
        head = self.form % (*values, length)
        if head.count("\n") != self.lines or head.count("\r") != self.lines or "\0" in head:
            raise DeliveryError("headers", "a header has a line break in it")
        return head.encode("latin-1", "replace")


@lru_cache(maxsize=WRITTEN)
def request_head(url: str, names: tuple[str, ...], user_agent: str) -> RequestHead:
    """Write the head of POST requests of JSON to ``url``, whose headers have these ``names``.

    A header that is sent with every request gives way to one of the same name.

    Raises:
        DeliveryError: The URL or a name cannot be sent.
    """
    parts = _parts(url)
    given = {name.lower() for name in names}
    for name in names:
        if not TOKEN.fullmatch(name) or name.lower() in FRAMING:
            raise DeliveryError("headers", f"{name!r} cannot be set as a header")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = [line for line in _own_headers(parts, user_agent) if line[0] not in given]
    lines = [
        _literal(f"POST {path} HTTP/1.1"),
        *(_literal(f"{name}: {value}") for name, value in own),
        *(f"{_literal(name)}: %s" for name in names),
        "content-length: %d",
        "",
    ]
    tls = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if tls else 80)
    return RequestHead(
        host=host,
        port=port,
        tls=tls,
        origin=(host, port, tls),
        form="".join(f"{line}\r\n" for line in lines),
        lines=len(lines),
    )


def _own_headers(parts: SplitResult, user_agent: str) -> Iterator[tuple[str, str]]:
    yield "host", parts.netloc.rpartition("@")[2]  # first: some servers take it nowhere else
    yield "accept", "*/*"
    yield "user-agent", user_agent
    yield "content-type", "application/json"
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        yield "authorization", f"Basic {b64encode(login.encode()).decode()}"


def _parts(url: str) -> SplitResult:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise DeliveryError("url", f"{url!r} has characters that must be percent-encoded")
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as malformed:  # a port that is no number, a bracket that is not closed
        raise DeliveryError("url", f"{url!r} is no http(s) URL: {malformed}") from malformed
    if not known:
        raise DeliveryError("url", f"{url!r} is no http(s) URL")
    return parts


def _literal(text: str) -> str:
    return text.replace("%", "%%")
