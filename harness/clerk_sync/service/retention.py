"""Forgets finished webhooks and closed sessions in small steps, between the sweeps.

A webhook that was forgotten is new when it comes again: it is applied anew, and the guards of
version and tombstone keep it from doing harm. Side effects are remembered for ever, so no welcome
is sent twice.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.store.retention import delete_closed_sessions, delete_finished
from clerk_sync.store.session import transaction

__all__ = ["Retention"]

STEP_ROWS: Final = 1_000
REST_S: Final = 60.0
"""When everything old is gone, so long nothing is looked for."""


class Retention:
    """Deletes old rows.

    Args:
        engine: Postgres.
        keep_days: Days that rows are kept; ``None`` keeps them for ever.
        on_purge: Told the table and the number of rows.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        keep_days: float | None,
        on_purge: Callable[[str, int], None],
    ) -> None:
        self._engine = engine
        self._keep = None if keep_days is None else timedelta(days=keep_days)
        self._on_purge = on_purge
        self._after = 0
        self._rest_until = float("-inf")

    async def step(self) -> None:
        """Look at a thousand rows of each table, if it is time.

        Raises:
            StoreUnavailableError: Postgres is down; the next step does the same again.
        """
        if self._keep is None or time.monotonic() < self._rest_until:
            return
        async with transaction(self._engine) as connection:
            purged = await delete_finished(
                connection, after=self._after, older_than=self._keep, limit=STEP_ROWS
            )
        async with transaction(self._engine) as connection:
            sessions = await delete_closed_sessions(
                connection, older_than=self._keep, limit=STEP_ROWS
            )
        self._on_purge("inbox", purged.rows)
        self._on_purge("closed_sessions", sessions)
        self._after = purged.upto or 0
        if purged.upto is None and sessions < STEP_ROWS:
            self._rest_until = time.monotonic() + REST_S
