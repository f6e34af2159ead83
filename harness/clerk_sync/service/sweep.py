"""Finds webhooks whose wake-up was lost, whose next attempt is due or whose worker is gone."""

import asyncio
from collections.abc import Callable, Sequence
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import BrokerUnavailableError
from clerk_sync.store.session import transaction
from clerk_sync.store.wakes import lock_due, note_wakes, wake_again_now

__all__ = ["SWEEP_ROWS", "Sweep"]

SWEEP_ROWS: Final = 500
"""Most webhooks of one sweep; after so many there may be more."""
BUSY_QUEUE: Final = 50
"""With so many wake-ups in the queue the workers are busy, not deaf: more would only delay them."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 4.0

_log = getLogger(__name__)


class Sweep:
    """Wakes workers for what is due.

    Args:
        engine: Postgres.
        wake: Publishes wake-ups; may block for some seconds, may raise ``BrokerUnavailableError``.
        queued: Returns how many wake-ups wait in the queue; likewise.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        wake: Callable[[Sequence[str]], None],
        queued: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._wake = wake
        self._queued = queued

    async def run_once(self) -> int:
        """Wake workers for what is due now.

        Returns:
            For how many webhooks.

        Raises:
            BrokerUnavailableError: Redis is down; the same webhooks stay due.
            StoreUnavailableError: Postgres is down.
        """
        if await asyncio.to_thread(self._queued) >= BUSY_QUEUE:
            return 0
        async with transaction(self._engine) as connection:
            rows = await lock_due(connection, limit=SWEEP_ROWS)
            if rows:
                await note_wakes(
                    connection, rows, first_pause_s=FIRST_PAUSE_S, longest_pause_s=LONGEST_PAUSE_S
                )
        if not rows:
            return 0
        svix_ids = [row.svix_id for row in rows]
        try:
            await asyncio.to_thread(self._wake, svix_ids)
        except BrokerUnavailableError:
            async with transaction(self._engine) as connection:
                await wake_again_now(connection, rows)
            raise
        _log.info("workers woken", extra={"svix_ids": svix_ids})
        return len(rows)
