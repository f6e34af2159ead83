"""Starts runs and goes on with unfinished ones, one process at a time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import RepairBusyError, WrongInstanceError
from clerk_sync.service.repair.findings import Progress
from clerk_sync.service.repair.pace import Pace
from clerk_sync.service.repair.run import Rules, Run
from clerk_sync.store.repair_runs import (
    finish_run,
    note_progress,
    open_run,
    start_run,
    try_to_be_the_only_one,
)
from clerk_sync.store.session import lone_connection, transaction
from clerk_sync.store.strays import newest_users

__all__ = ["BACKFILL", "RECONCILE", "Outcome", "Repairs", "Wish"]

RECONCILE: Final = "reconcile"
BACKFILL: Final = "backfill"
SAMPLE: Final = 20
"""So many of the newest users are looked for at Clerk before anybody is buried."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done.

    Attributes:
        kind: ``RECONCILE`` compares in both directions, ``BACKFILL`` only brings here what Clerk
            has.
        write: Whether anything is changed.
        restart: Begin anew, though a run is unfinished.
        trust_clerk: Bury though Clerk knows nobody of those who live here.
        grace_s: See ``Rules``.
        page: See ``Rules``.
    """

    kind: str
    write: bool = True
    restart: bool = False
    trust_clerk: bool = False
    grace_s: float = 10.0
    page: int = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run.

    Attributes:
        run_id: In ``repair_runs`` and, after the kind, in every record that it wrote.
        progress: What was found, by the runs before the crash included.
        resumed: Whether it went on from where another one had stopped.
        finished: Whether it came to its end.
    """

    run_id: str
    progress: Progress
    resumed: bool
    finished: bool


class Repairs:
    """Makes the local records equal to Clerk's.

    Args:
        engine: Postgres.
        clerk: Asked for everything; should have patience.
        per_second: Most requests a second; 0 for as many as there are.
    """

    def __init__(self, engine: AsyncEngine, clerk: ClerkApi, *, per_second: float = 0.0) -> None:
        self._engine = engine
        self._clerk = clerk
        self._pace = Pace(per_second)

    async def run(
        self,
        wish: Wish,
        *,
        stop: Callable[[], bool] = lambda: False,
        watch: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Begin a run, or go on with the one that is unfinished.

        Args:
            wish: What is to be done.
            stop: Asked after every page whether to leave the rest for later.
            watch: Is shown the progress after every page.

        Raises:
            RepairBusyError: Another process repairs.
            WrongInstanceError: Clerk knows nobody of those who live here.
            ClerkApiError: Clerk does not answer; what is done is done, and the rest is resumed.
            StoreUnavailableError: Postgres is down or slow; likewise.
        """
        if not wish.write:
            return await self._look(wish, watch)
        async with self._only_one():
            if wish.kind == RECONCILE and not wish.trust_clerk:
                await self._check_instance()
            run_id, progress, resumed = await self._open(wish)

            async def note(now: Progress) -> None:
                async with transaction(self._engine) as connection:
                    await note_progress(connection, run_id, now.to_json())
                watch(now)

            run = Run(
                self._engine,
                self._clerk,
                pace=self._pace,
                rules=_rules(wish, run_id),
                progress=progress,
                noted=note,
            )
            finished = await run.go(stop=stop)
            if finished:
                async with transaction(self._engine) as connection:
                    await finish_run(connection, run_id)
            return Outcome(run_id, progress, resumed, finished)

    async def _look(self, wish: Wish, watch: Callable[[Progress], None]) -> Outcome:
        """Only look: nothing is locked, noted or written."""
        progress, run_id = Progress(), f"dry_{uuid4().hex}"

        async def note(now: Progress) -> None:
            watch(now)

        run = Run(
            self._engine,
            self._clerk,
            pace=self._pace,
            rules=_rules(wish, run_id),
            progress=progress,
            noted=note,
        )
        return Outcome(run_id, progress, resumed=False, finished=await run.go())

    @asynccontextmanager
    async def _only_one(self) -> AsyncIterator[None]:
        async with lone_connection(self._engine) as connection:
            if not await try_to_be_the_only_one(connection):
                raise RepairBusyError("another process repairs", "wait for its end")
            yield

    async def _open(self, wish: Wish) -> tuple[str, Progress, bool]:
        async with transaction(self._engine) as connection:
            found = await open_run(connection, wish.kind)
            if found is not None and not wish.restart:
                return found.run_id, Progress.from_json(found.progress), True
            if found is not None:
                await finish_run(connection, found.run_id)
            run_id, progress = uuid4().hex, Progress()
            await start_run(connection, run_id, wish.kind, progress.to_json())
            return run_id, progress, False

    async def _check_instance(self) -> None:
        async with transaction(self._engine) as connection:
            newest = await newest_users(connection, limit=SAMPLE)
        for clerk_id in newest:
            await self._pace.wait()
            if await self._clerk.get_user(clerk_id) is not None:
                return
        if len(newest) == SAMPLE:
            raise WrongInstanceError(
                f"Clerk knows nobody of the {SAMPLE} users who came last",
                "see that CLERK_SECRET_KEY is of the same instance; "
                "if they are really all gone, say --trust-clerk",
            )


def _rules(wish: Wish, run_id: str) -> Rules:
    return Rules(
        kind=wish.kind,
        run_id=run_id,
        write=wish.write,
        both_ways=wish.kind == RECONCILE,
        grace_s=wish.grace_s,
        page=wish.page,
    )
