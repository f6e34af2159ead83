"""Just in time: a user whose session token is here before the webhook that tells of them.

Clerk is asked and one row is written, by the same rules as for a webhook, so that whichever comes
later changes nothing. Nobody gets here without a token that Clerk signed.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from logging import getLogger
from typing import Final

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import ClerkApiError, PayloadError
from clerk_sync.service.nouns.users import USERS
from clerk_sync.service.records import Records
from clerk_sync.service.sightings import Sighting

__all__ = ["Provisioner"]

AT_ONCE: Final = 8
"""Most users that Clerk is asked about at the same time."""
UNKNOWN_FLOOR_S: Final = 5.0
"""Clerk is not asked again about somebody it does not know before so many seconds have passed."""
MOST_REMEMBERED: Final = 10_000

_log = getLogger(__name__)


class Provisioner:
    """Writes users that were not synced yet.

    Args:
        clerk: Asked about each of them.
        records: Where they are written.
        clock: Monotonic seconds.
    """

    def __init__(
        self, clerk: ClerkApi, records: Records, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clerk = clerk
        self._records = records
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[bool]] = {}
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def provision(self, clerk_id: str, *, request_id: str) -> bool:
        """Have a user written that Clerk knows; whoever asks at the same time waits for the same.

        Args:
            clerk_id: Who; must be proven by a signature.
            request_id: On whose account, for the audit log.

        Returns:
            False when Clerk has no such user.

        Raises:
            ClerkApiError: Clerk did not say.
            StoreUnavailableError: Postgres is down or slow.
        """
        if self._unknown.get(clerk_id, 0.0) > self._clock():
            return False
        task = self._under_way.get(clerk_id)
        if task is None:
            task = asyncio.create_task(self._provision(clerk_id, request_id), name="provision")
            self._under_way[clerk_id] = task
            task.add_done_callback(lambda done: self._forget(clerk_id, done))
        # Shielded: a caller that goes away must not stop it for the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _provision(self, clerk_id: str, request_id: str) -> bool:
        async with self._gate:
            document = await self._clerk.get_user(clerk_id)
        if document is None:
            self._remember_unknown(clerk_id)
            return False
        try:
            profile = USERS.read(document)
        except PayloadError as broken:
            raise ClerkApiError(f"Clerk's answer cannot be read ({broken})") from broken
        if profile.clerk_id != clerk_id:
            raise ClerkApiError("Clerk answered with another user than was asked for")
        # No lock is held while Clerk is asked: what a webhook wrote meanwhile is newer, or final.
        sighting = Sighting(
            USERS,
            clerk_id,
            profile,
            source=f"jit:{request_id}",
            action="user.provisioned",
            actor="user",
            asked=True,
        )
        await self._records.write([sighting])
        _log.info("user provisioned", extra={"clerk_id": clerk_id, "request_id": request_id})
        return True

    def _remember_unknown(self, clerk_id: str) -> None:
        self._unknown[clerk_id] = self._clock() + UNKNOWN_FLOOR_S
        self._unknown.move_to_end(clerk_id)
        while len(self._unknown) > MOST_REMEMBERED:
            self._unknown.popitem(last=False)

    def _forget(self, clerk_id: str, done: asyncio.Task[bool]) -> None:
        del self._under_way[clerk_id]
        if not done.cancelled():
            done.exception()  # Whoever waited has it; nobody has to.
