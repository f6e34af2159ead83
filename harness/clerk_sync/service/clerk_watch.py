"""Knows how Clerk is doing, also when nobody asks it anything."""

import asyncio
from logging import getLogger
from typing import Final

from clerk_sync.breaker import BreakerState
from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import ClerkApiError
from clerk_sync.service.signing_keys import SigningKeys

__all__ = ["ClerkWatch"]

PING_EVERY_S: Final = 10.0

_log = getLogger(__name__)


class ClerkWatch:
    """Pings Clerk's API, so that readiness is true without traffic and an open breaker closes.

    Args:
        clerk: Pinged through its breaker.
        keys: Of session tokens; whoever makes them starts them.
        again_s: Pause between two pings while Clerk does not answer, in seconds.
    """

    def __init__(self, clerk: ClerkApi, keys: SigningKeys, *, again_s: float) -> None:
        self._clerk = clerk
        self._keys = keys
        self._again_s = again_s
        self._refused = ""
        self._pinging: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Ping now, and from now on."""
        self._pinging = asyncio.create_task(self._ping_forever(), name="clerk-watch")

    async def stop(self) -> None:
        """Stop pinging."""
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.wait([self._pinging])

    @property
    def trouble(self) -> str:
        """Return what is wrong with Clerk, in one line; empty when all is well."""
        if self._clerk.breaker.state is not BreakerState.CLOSED:
            return f"{self._clerk.breaker.cause}: users who are not known here have to wait"
        return self._refused or self._keys.trouble

    async def _ping_forever(self) -> None:
        while True:
            try:
                await self._clerk.ping()
            except ClerkApiError as failure:
                if not self._refused:
                    _log.warning("Clerk does not answer: %s", failure)
                self._refused = str(failure)
            else:
                if self._refused:
                    _log.info("Clerk answers again")
                self._refused = ""
            await asyncio.sleep(self._again_s if self._refused else PING_EVERY_S)
