"""Takes verified deliveries into the inbox, many in one commit.

A batch is whatever arrived while the last commit ran, so that batches grow under load and a
lonely delivery waits for nobody.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import (
    ClerkSyncError,
    OverloadedError,
    StoreRejectedError,
    StoreUnavailableError,
)
from clerk_sync.store.inbox import Delivery, insert_deliveries
from clerk_sync.store.session import transaction

__all__ = ["Receiver"]

BATCH_ROWS: Final = 500
WAITING_ROWS: Final = 5_000
"""More than these waiting for a commit means overload: the sender is told to come again."""
COMMIT_TIMEOUT_S: Final = 3.0
ANSWER_TIMEOUT_S: Final = 4.0

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    committed: asyncio.Future[bool]


class Receiver:
    """Commits deliveries; one task of its own does all the writing.

    Args:
        engine: Postgres.
        sweep_after_s: Age in seconds at which the sweeper looks after a row.
    """

    def __init__(self, engine: AsyncEngine, *, sweep_after_s: float) -> None:
        self._engine = engine
        self._sweep_after_s = sweep_after_s
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(WAITING_ROWS)
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start writing."""
        self._writer = asyncio.create_task(self._write_forever(), name="inbox-writer")

    async def stop(self, *, within_s: float) -> None:
        """Commit what waits, for at most ``within_s``, and stop writing."""
        if self._writer is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._waiting.join()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer

    async def receive(self, delivery: Delivery) -> bool:
        """Return once the delivery is committed.

        Returns:
            Whether it is new; ``False`` for one that the inbox already has.

        Raises:
            OverloadedError: Too many wait already.
            StoreRejectedError: Postgres cannot hold this delivery.
            StoreUnavailableError: Not committed within 4 s.
        """
        waiting = _Waiting(delivery, asyncio.get_running_loop().create_future())
        try:
            self._waiting.put_nowait(waiting)
        except asyncio.QueueFull as full:
            raise OverloadedError("too many deliveries wait for Postgres", "send again") from full
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await waiting.committed
        except TimeoutError as late:
            raise StoreUnavailableError("Postgres is too slow", "send again") from late

    async def _write_forever(self) -> None:
        while True:
            taken = [await self._waiting.get()]
            while len(taken) < BATCH_ROWS and not self._waiting.empty():
                taken.append(self._waiting.get_nowait())
            # Nobody waits for the abandoned ones any more: they were answered 503.
            batch = [waiting for waiting in taken if not waiting.committed.done()]
            try:
                if batch:
                    await self._write(batch)
            except BaseException:
                for waiting in batch:
                    waiting.committed.cancel()
                raise
            finally:
                for _ in taken:
                    self._waiting.task_done()

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            fresh = await self._commit([waiting.delivery for waiting in batch])
        except StoreRejectedError as rejected:
            if len(batch) == 1:
                _settle(batch, rejected)
                return
            # One row poisons the batch: give each a transaction of its own to find it.
            for waiting in batch:
                await self._write([waiting])
        except ClerkSyncError as failure:
            _settle(batch, failure)
        except Exception as unforeseen:  # noqa: BLE001 - the writer must outlive any batch
            _log.exception("a batch of deliveries could not be written")
            _settle(batch, StoreUnavailableError(f"unforeseen: {type(unforeseen).__name__}"))
        else:
            _settle(batch, fresh)

    async def _commit(self, deliveries: Sequence[Delivery]) -> set[str]:
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S), transaction(self._engine) as connection:
                fresh = await insert_deliveries(
                    connection, deliveries, sweep_after_s=self._sweep_after_s
                )
        except TimeoutError as late:
            raise StoreUnavailableError("Postgres is too slow", "send again") from late
        _log.info(
            "deliveries committed",
            extra={"svix_ids": [delivery.svix_id for delivery in deliveries], "new": len(fresh)},
        )
        return fresh


def _settle(batch: Sequence[_Waiting], outcome: set[str] | ClerkSyncError) -> None:
    for waiting in batch:
        if waiting.committed.done():
            continue
        if isinstance(outcome, ClerkSyncError):
            waiting.committed.set_exception(outcome)
        else:
            waiting.committed.set_result(waiting.delivery.svix_id in outcome)
            # The second of two equal ids in one batch is the duplicate.
            outcome.discard(waiting.delivery.svix_id)
