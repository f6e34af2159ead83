"""Takes verified deliveries into the inbox, many in one commit.

A batch is whatever arrived while the last commit ran, so that batches grow under load and a
lonely delivery waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import (
    ClerkSyncError,
    OverloadedError,
    StoreRejectedError,
    StoreUnavailableError,
)
from clerk_sync.service.deadlines import Deadlines
from clerk_sync.store.deliveries import Delivery, insert_deliveries
from clerk_sync.store.lasting import LastingConnection

__all__ = ["Receiver"]

BATCH_ROWS: Final = 500
WAITING_ROWS: Final = 5_000
"""More than these waiting for a commit means overload: the sender is told to come again."""
WAITING_CHARS: Final = 32 * 1024 * 1024
"""The same for the payloads together, which the longest ones reach long before."""
COMMIT_TIMEOUT_S: Final = 3.0
ANSWER_TIMEOUT_S: Final = 4.0

_log = getLogger(__name__)


class _Waiting:
    __slots__ = ("committed", "delivery")

    def __init__(self, delivery: Delivery, committed: "asyncio.Future[bool]") -> None:
        self.delivery = delivery
        self.committed = committed

    def give_up(self) -> None:
        if not self.committed.done():
            self.committed.set_exception(
                StoreUnavailableError("Postgres is too slow", "send again")
            )


class Receiver:
    """Commits deliveries; one task of its own does all the writing.

    Args:
        engine: Postgres.
        sweep_after_s: Age in seconds at which the sweeper looks after a row.
    """

    def __init__(self, engine: AsyncEngine, *, sweep_after_s: float) -> None:
        self._engine = engine
        self._sweep_after_s = sweep_after_s
        self._waiting: deque[_Waiting] = deque()
        self._unanswered = Deadlines(ANSWER_TIMEOUT_S, _Waiting.give_up)
        self._held_rows = self._held_chars = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
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
                await self._idle.wait()
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
        if self._held_rows >= WAITING_ROWS or self._held_chars >= WAITING_CHARS:
            raise OverloadedError("too many deliveries wait for Postgres", "send again")
        waiting = _Waiting(delivery, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._held_rows += 1
        self._held_chars += len(delivery.payload)
        self._arrived.set()
        self._idle.clear()
        self._unanswered.begin(waiting)
        try:
            return await waiting.committed
        finally:
            self._unanswered.end(waiting)

    async def _write_forever(self) -> None:
        connection = LastingConnection(self._engine)
        try:
            while True:
                await self._arrival()
                await self._write_batch(connection)
        finally:
            await connection.close()

    async def _arrival(self) -> None:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()

    async def _write_batch(self, connection: LastingConnection) -> None:
        taken = [self._waiting.popleft() for _ in range(min(BATCH_ROWS, len(self._waiting)))]
        # Nobody waits for the abandoned ones any more: they were answered 503.
        batch = [waiting for waiting in taken if not waiting.committed.done()]
        try:
            if batch:
                await self._write(connection, batch)
        except BaseException:
            for waiting in batch:
                waiting.committed.cancel()
            raise
        finally:
            self._held_rows -= len(taken)
            self._held_chars -= sum(len(waiting.delivery.payload) for waiting in taken)
            if not self._held_rows:
                self._idle.set()

    async def _write(self, connection: LastingConnection, batch: Sequence[_Waiting]) -> None:
        try:
            fresh = await self._commit(connection, [waiting.delivery for waiting in batch])
        except StoreRejectedError as rejected:
            if len(batch) == 1:
                _settle(batch, rejected)
                return
            # One row poisons the batch: give each a transaction of its own to find it.
            for waiting in batch:
                await self._write(connection, [waiting])
        except ClerkSyncError as failure:
            _settle(batch, failure)
        except Exception as unforeseen:  # noqa: BLE001 - the writer must outlive any batch
            _log.exception("a batch of deliveries could not be written")
            _settle(batch, StoreUnavailableError(f"unforeseen: {type(unforeseen).__name__}"))
        else:
            _settle(batch, fresh)

    async def _commit(
        self, connection: LastingConnection, deliveries: Sequence[Delivery]
    ) -> set[str]:
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
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
