"""How Clerk is asked: bounded, through a circuit breaker, and again only as long as patience lasts.

Everything sent from here is a GET, so it may be sent again.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from clerk_sync.breaker import Breaker, Call
from clerk_sync.errors import ClerkApiError

__all__ = ["ClerkHttp", "open_http"]

CONNECT_TIMEOUT_S: Final = 2.0
SILENCE_S: Final = 3.0
"""Longest silence within an answer."""
CONNECTIONS: Final = 16
HOLD_S: Final = 1.0
"""Pause after a 429 that does not say how long it wants."""
LONGEST_HOLD_S: Final = 60.0
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
_SERVER_ERRORS: Final = 500
_REFUSALS: Final = 400
_BROKEN: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""What becomes of a kept connection that the other side has closed meanwhile."""


def open_http() -> httpx.AsyncClient:
    """Make the HTTP client for Clerk; the caller closes it."""
    # trust_env off: a proxy variable must not see our secret key, and reading it costs start-up.
    return httpx.AsyncClient(
        timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_TIMEOUT_S),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        trust_env=False,
        follow_redirects=False,
    )


class ClerkHttp:
    """Sends GETs to Clerk's Backend API.

    Args:
        http: Shared client; not closed here.
        base_url: With the version, e.g. ``https://api.clerk.com/v1``.
        secret_key: ``sk_…``.
        breaker: Guards every call.
        patience_s: For so many seconds a failed call is made again; 0 where somebody waits.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        secret_key: str,
        breaker: Breaker,
        patience_s: float,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {secret_key}"}
        self._breaker = breaker
        self._patience_s = patience_s

    async def get(self, path: str, query: Mapping[str, str | int], *, within_s: float) -> Any:
        """Return the JSON of an answer, or ``None`` at 404.

        Args:
            path: Under the base URL.
            query: Its parameters.
            within_s: Longest that one answer may take, from the first byte out to the last one in.

        Raises:
            ClerkApiError: No usable answer, or the breaker is open; raised once patience is over.
        """
        ends_at = time.monotonic() + self._patience_s
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return await self._call(path, query, within_s)
            except ClerkApiError as failure:
                wait_s = max(failure.retry_after_s, pause_s)
                if not failure.passing or time.monotonic() + wait_s > ends_at:
                    raise
            await asyncio.sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _call(self, path: str, query: Mapping[str, str | int], within_s: float) -> Any:
        with self._breaker.call() as call:
            try:
                async with asyncio.timeout(within_s):
                    response = await self._send(path, query, within_s)
            except (TimeoutError, httpx.HTTPError) as lost:
                call.failed = f"no answer from Clerk's API, {type(lost).__name__}"
                failure = ClerkApiError(call.failed, "see CLERK_API_URL")
                failure.__cause__ = lost
            else:
                try:
                    return _read(call, response)
                except ClerkApiError as unusable:
                    failure = unusable
        # Raised out here: an exception inside the block would say nothing of Clerk.
        raise failure

    async def _send(
        self, path: str, query: Mapping[str, str | int], within_s: float
    ) -> httpx.Response:
        request = self._http.build_request(
            "GET",
            f"{self._base_url}{path}",
            headers=self._headers,
            params=dict(query) or None,
            timeout=httpx.Timeout(max(SILENCE_S, within_s), connect=CONNECT_TIMEOUT_S),
        )
        try:
            return await self._http.send(request)
        except _BROKEN:
            # At once and only once: a kept connection that had died says nothing of Clerk.
            return await self._http.send(request)


def _read(call: Call, response: httpx.Response) -> Any:
    """Return what an answer holds, and say on ``call`` what it means for the breaker."""
    status = response.status_code
    if status == httpx.codes.NOT_FOUND and _json(response) is not None:
        return None
    if status == httpx.codes.TOO_MANY_REQUESTS:
        call.failed, call.hold_s = "Clerk's API answers 429", _hold_s(response)
        raise ClerkApiError(call.failed, "it is asked less", retry_after_s=call.hold_s)
    if status >= _SERVER_ERRORS:
        call.failed = f"Clerk's API answers {status}"
        raise ClerkApiError(call.failed, "it is tried again")
    if status >= _REFUSALS and status != httpx.codes.NOT_FOUND:
        raise ClerkApiError(
            f"Clerk's API refuses with {status}", "see CLERK_SECRET_KEY", passing=False
        )
    document = _json(response) if response.is_success else None
    if document is None:
        # Whatever answers here, it is not Clerk: a gateway's page, or somebody else's server.
        call.failed = f"Clerk's API answers {status} without JSON"
        raise ClerkApiError(call.failed, "see CLERK_API_URL")
    return document


def _json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def _hold_s(response: httpx.Response) -> float:
    """Return the pause that a 429 asks for; Clerk gives it in seconds."""
    asked = response.headers.get("retry-after", "").strip()
    seconds = float(asked) if asked.isascii() and asked.isdigit() else HOLD_S
    return min(max(seconds, 0.1), LONGEST_HOLD_S)
