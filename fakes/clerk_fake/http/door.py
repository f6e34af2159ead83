"""Who may drive the fake: programs, and pages that come from this machine.

The control plane asks for no key, so a page of any website, open in the developer's browser, could
drive it: by a request across origins, or by a name of its own that leads to 127.0.0.1 (DNS
rebinding). Browsers tell both in headers that pages cannot change.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from clerk_fake.errors import ApiError
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route

__all__ = ["Door"]

LOOPBACK: Final = re.compile(r"localhost|.+\.localhost|127(?:\.\d{1,3}){3}|::1", re.IGNORECASE)
PUBLIC: Final = "/i/"
"""Public keys and pictures are for everybody."""


class Door:
    """Looks at ``Host`` and ``Origin``.

    Args:
        allowed_hosts: Names that are good beside those of loopback.
        on_loopback: Whether the server listens there only, so that a ``Host`` of another name is a
            trick; where it listens beyond, any may be right.
    """

    def __init__(self, allowed_hosts: Iterable[str], *, on_loopback: bool) -> None:
        self._allowed = frozenset(name.lower() for name in allowed_hosts)
        self._on_loopback = on_loopback

    def guarded(self, route: Route[Handler]) -> Route[Handler]:
        """Return the route with this door in front of it, unless it is for everybody."""
        if route.path.startswith(PUBLIC):
            return route
        handler = route.handler

        def answer(request: Request) -> Response:
            self.check(request)
            return handler(request)

        return route.answered_by(answer)

    def check(self, request: Request) -> None:
        """Let a request in.

        Raises:
            ApiError: 403 ``host_invalid`` or ``origin_invalid``.
        """
        host = request.headers.get("host")
        if host and self._on_loopback and not self._knows(_hostname(f"//{host}")):
            raise _refusal("host", host)
        origin = request.headers.get("origin")
        if origin and not self._knows(_hostname(origin)) and _authority(origin) != host.lower():
            raise _refusal("origin", origin)

    def _knows(self, name: str) -> bool:
        return LOOPBACK.fullmatch(name) is not None or name in self._allowed


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _authority(origin: str) -> str:
    return origin.rpartition("//")[2].lower()


def _refusal(header: str, value: str) -> ApiError:
    return ApiError.of(
        403,
        f"{header}_invalid",
        f"Invalid {header}",
        f"The control plane is not for {header.capitalize()} {value[:100]!r}: use the URL of the "
        "ready line, or start the server with --allow-host and this name.",
    )
