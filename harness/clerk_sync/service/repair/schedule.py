"""Reconciles by itself, in slices: none takes long, and a crash costs no more than a page."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import RepairBusyError
from clerk_sync.service.repair.repairs import RECONCILE, Repairs, Wish
from clerk_sync.store.repair_runs import latest_runs
from clerk_sync.store.session import transaction

__all__ = ["SLICE_S", "Schedule"]

SLICE_S: Final = 5.0
"""A slice ends with the page that is under way after so many seconds."""

_log = getLogger(__name__)


class Schedule:
    """Decides when to reconcile, and does a slice of it.

    Args:
        engine: Postgres; what it knows of earlier runs is the schedule.
        clerk: Asked for everything.
        interval_s: From the beginning of one run to the beginning of the next.
        now: The time.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clerk: ClerkApi,
        *,
        interval_s: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._repairs = Repairs(engine, clerk)
        self._interval_s = interval_s
        self._now = now

    async def work(self, *, slice_s: float = SLICE_S) -> bool:
        """Do a slice, if one is due.

        Returns:
            Whether there is more to do at once.

        Raises:
            ClerkApiError: Clerk does not answer; the next slice goes on from there.
            StoreUnavailableError: Postgres is down or slow; likewise.
        """
        if not await self._is_due():
            return False
        ends_at = time.monotonic() + slice_s
        try:
            outcome = await self._repairs.run(
                Wish(RECONCILE), stop=lambda: time.monotonic() >= ends_at
            )
        except RepairBusyError:
            return False
        if outcome.finished:
            _log.info(
                "reconciled",
                extra={
                    "run_id": outcome.run_id,
                    "found": outcome.progress.found,
                    "fields": outcome.progress.fields,
                },
            )
        return not outcome.finished

    async def _is_due(self) -> bool:
        async with transaction(self._engine) as connection:
            runs = [run for run in await latest_runs(connection) if run.kind == RECONCILE]
        if not runs:
            return True
        (last,) = runs
        age_s = (self._now() - last.started_at).total_seconds()
        return last.finished_at is None or age_s >= self._interval_s
