"""The public keys of session tokens, cached from Clerk's JWKS."""

import asyncio
import time
from collections.abc import Callable
from logging import getLogger
from typing import Final

import httpx
import orjson
from jwt import PyJWK, PyJWTError

from clerk_sync.errors import ClerkApiError

__all__ = ["SigningKeys"]

MAX_AGE_S: Final = 300.0
REFRESH_FLOOR_S: Final = 5.0

_log = getLogger(__name__)


class SigningKeys:
    """Keys by their id.

    A known key is served at once, however old; an old set is refreshed behind the caller's back,
    and kept when that fails. An unknown id refreshes the set, but not more often than the floor
    allows, so that forged ids cannot make us flood Clerk.

    Args:
        http: Shared client; not closed here.
        url: The JWKS.
        clock: Monotonic seconds.
    """

    def __init__(
        self, http: httpx.AsyncClient, url: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> PyJWK | None:
        """Return the key, or ``None`` when Clerk has no such key.

        Raises:
            ClerkApiError: No key was ever fetched, and none can be now.
        """
        key = self._keys.get(key_id)
        if key is None:
            await self._refresh()
            if not self._keys:
                raise ClerkApiError("Clerk's JWKS cannot be fetched", "see CLERK_JWKS_URL")
            return self._keys.get(key_id)
        if self._clock() - self._fetched_at > MAX_AGE_S:
            self._start_refresh()
        return key

    async def close(self) -> None:
        """Stop a refresh that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    async def _refresh(self) -> None:
        self._start_refresh()
        if self._refreshing is not None:
            # Shielded: a caller that goes away must not stop it for the others.
            await asyncio.shield(self._refreshing)

    def _start_refresh(self) -> None:
        if self._refreshing is not None and not self._refreshing.done():
            return
        if self._clock() - self._tried_at < REFRESH_FLOOR_S:
            self._refreshing = None
            return
        self._tried_at = self._clock()
        self._refreshing = asyncio.create_task(self._fetch(), name="jwks-refresh")

    async def _fetch(self) -> None:
        try:
            response = await self._http.get(self._url)
            response.raise_for_status()
            entries = orjson.loads(response.content)["keys"]
            keys = {
                entry["kid"]: PyJWK.from_dict(entry, algorithm="RS256")
                for entry in entries
                if entry.get("kty") == "RSA"
            }
        except (
            httpx.HTTPError,
            PyJWTError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as bad:
            _log.warning("the JWKS could not be refreshed: %s: %s", type(bad).__name__, bad)
            return
        self._keys = keys
        self._fetched_at = self._clock()
