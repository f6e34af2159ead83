"""Brings webhooks back: one dead letter, or many webhooks in the order of their arrival."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import BrokerUnavailableError, NotFoundError
from clerk_sync.states import TRANSITIONS, Event, State, next_state
from clerk_sync.store.audit import AuditEntry, add_entries
from clerk_sync.store.inbox import lock_row, write_row
from clerk_sync.store.replays import Selection, count_selected, receive_again
from clerk_sync.store.session import transaction

__all__ = ["Replayed", "Replayer", "replay", "selection"]

BATCH: Final = 500
BUSY_QUEUE: Final = 50
"""With so many wake-ups in the queue the workers have enough to do."""
PAUSE_S: Final = 0.2


async def replay(engine: AsyncEngine, svix_id: str, *, actor: str, request_id: str) -> None:
    """Receive a dead webhook again, with all its attempts before it, and note who wanted it.

    Args:
        engine: Postgres.
        svix_id: Which webhook.
        actor: Who asks, for the audit log.
        request_id: By which request or run.

    Raises:
        NotFoundError: The inbox has no such webhook.
        IllegalTransitionError: It is not dead.
    """
    async with transaction(engine) as connection:
        row = await lock_row(connection, svix_id, wait=True)
        if row is None:
            raise NotFoundError("the inbox has no such webhook", reason="webhook_unknown")
        state = next_state(row.state, Event.REPLAY)
        await write_row(
            connection,
            row,
            state=state,
            attempts=0,
            wakes=0,
            claimable_in_s=0,
            wake_in_s=0,
        )
        entry = AuditEntry(
            actor=actor,
            action="inbox.replay",
            subject=f"webhook:{svix_id}",
            before={"state": row.state, "attempts": row.attempts},
            after={"state": state, "attempts": 0},
            request_id=request_id,
        )
        await add_entries(connection, [entry])


def selection(*, since: datetime | None, event_type: str = "") -> Selection:
    """Say which webhooks a replay is about.

    Args:
        since: All that came to an end, dead or not, and were received since; ``None``: only the
            dead ones, whenever they were received.
        event_type: Only of this type; empty for all.
    """
    event = Event.REPLAY if since is None else Event.REAPPLY
    states = frozenset(state for state, what in TRANSITIONS if what is event)
    return Selection(states=states, event_type=event_type, since=since)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did, or would do: event type → how many, and whether workers were woken."""

    counts: dict[str, int]
    woken: bool


class Replayer:
    """Receives webhooks again, in batches, as fast as the workers take them.

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
        self._woken = True

    async def count(self, wanted: Selection) -> dict[str, int]:
        """Return how many webhooks are meant, by type.

        Raises:
            StoreUnavailableError: Postgres is down or slow.
        """
        async with transaction(self._engine) as connection:
            counts, _ = await count_selected(connection, wanted)
        return counts

    async def run(
        self, wanted: Selection, *, watch: Callable[[int], None] = lambda _: None
    ) -> Replayed:
        """Receive all that are meant now again; what becomes dead meanwhile is not among them.

        Each is in the audit log, in the transaction that receives it.

        Args:
            wanted: Which ones.
            watch: Is told after every batch how many it were so far.

        Raises:
            StoreUnavailableError: Postgres is down or slow; what was received stays received.
        """
        async with transaction(self._engine) as connection:
            counts, last = await count_selected(connection, wanted)
        bounded = replace(wanted, until_seq=last)
        run_id = f"replay:{uuid4().hex}"
        after = done = 0
        while True:
            await self._wait_for_workers()
            async with transaction(self._engine) as connection:
                batch = await receive_again(connection, bounded, after=after, limit=BATCH)
                await add_entries(connection, [_entry(svix_id, run_id) for _, svix_id in batch])
            if not batch:
                return Replayed(counts, self._woken)
            after = batch[-1][0]
            done += len(batch)
            await self._wake_for([svix_id for _, svix_id in batch])
            watch(done)

    async def _wait_for_workers(self) -> None:
        try:
            # Nobody tells when Redis' queue gets shorter, so it is looked at.
            while self._woken and await asyncio.to_thread(self._queued) >= BUSY_QUEUE:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_S)
        except BrokerUnavailableError:
            self._woken = False

    async def _wake_for(self, svix_ids: Sequence[str]) -> None:
        """Wake workers; without Redis the sweeper finds the webhooks, for they are due."""
        if not self._woken:
            return
        try:
            await asyncio.to_thread(self._wake, svix_ids)
        except BrokerUnavailableError:
            self._woken = False


def _entry(svix_id: str, run_id: str) -> AuditEntry:
    return AuditEntry(
        actor="repair",
        action="inbox.replay",
        subject=f"webhook:{svix_id}",
        before=None,
        after={"state": State.RECEIVED, "attempts": 0},
        request_id=run_id,
    )
