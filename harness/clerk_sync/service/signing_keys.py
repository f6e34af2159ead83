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

REFRESH_S: Final = 240.0
"""Age at which the set is fetched again, whether or not anybody asks for a key."""
STALE_S: Final = 300.0
"""Age past which a set counts as stale: it goes on serving, and readiness says so."""
FETCH_TIMEOUT_S: Final = 5.0
UNKNOWN_FLOOR_S: Final = 5.0
"""Least time between two fetches for the sake of ids that nobody knows."""
EMPTY_FLOOR_S: Final = 1.0
"""The same while there is no key at all."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0

_log = getLogger(__name__)


class SigningKeys:
    """Keys by their id.

    A known key is served at once, however old. The set is refreshed in the background before it
    is stale, and kept when that fails. An unknown id fetches the set anew, but not more often than
    the floor allows, so that forged ids cannot make us flood Clerk.

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
        self._asked_at = float("-inf")
        self._fetching: asyncio.Task[bool] | None = None
        self._refreshing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Fetch the set now, and again whenever it is about to be stale."""
        self._refreshing = asyncio.create_task(self._refresh_forever(), name="jwks-refresh")

    async def close(self) -> None:
        """Stop the refreshing, and a fetch that is under way."""
        tasks = [task for task in (self._refreshing, self._fetching) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def trouble(self) -> str:
        """Return why signatures may soon not be checked any more; empty when all is well."""
        if not self._keys:
            return "the signing keys were never fetched: nobody can sign in"
        if self._clock() - self._fetched_at > STALE_S:
            return "the signing keys are stale: tokens that Clerk signs with a new one are refused"
        return ""

    @property
    def age_s(self) -> float:
        """Return the age of the set in seconds; infinite while there is none."""
        return self._clock() - self._fetched_at

    async def find(self, key_id: str) -> PyJWK | None:
        """Return the key, or ``None`` when Clerk has no such key.

        Raises:
            ClerkApiError: No key was ever fetched, and none can be now.
        """
        key = self._keys.get(key_id)
        if key is not None:
            return key
        await self._fetch_for_unknown()
        if not self._keys:
            raise ClerkApiError("Clerk's JWKS cannot be fetched", "see CLERK_JWKS_URL")
        return self._keys.get(key_id)

    async def _fetch_for_unknown(self) -> None:
        floor = UNKNOWN_FLOOR_S if self._keys else EMPTY_FLOOR_S
        under_way = self._fetching is not None and not self._fetching.done()
        if not under_way and self._clock() - self._asked_at < floor:
            return
        self._asked_at = self._clock()
        await self._fetch_once()

    async def _refresh_forever(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            if await self._fetch_once():
                pause = FIRST_PAUSE_S
                await asyncio.sleep(REFRESH_S)
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _fetch_once(self) -> bool:
        """Fetch the set; whoever comes meanwhile waits for the same fetch."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch(), name="jwks-fetch")
        # Shielded: a caller that goes away must not stop it for the others.
        return await asyncio.shield(self._fetching)

    async def _fetch(self) -> bool:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
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
            TimeoutError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as bad:
            _log.warning("the JWKS could not be refreshed: %s: %s", type(bad).__name__, bad)
            return False
        if not keys:
            # An empty set would lock everybody out; a key that Clerk withdrew goes with the next.
            _log.warning("the JWKS holds no RSA key; the ones that are known are kept")
            return False
        self._keys = keys
        self._fetched_at = self._clock()
        return True
