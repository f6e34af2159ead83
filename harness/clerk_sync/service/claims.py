"""Claims: who works on which webhook, and for how long."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.service.retry import RetryPolicy
from clerk_sync.states import Event, State, next_state
from clerk_sync.store.inbox import (
    Claimed,
    Settlement,
    claim_rows,
    find_lost,
    lock_row,
    settle_rows,
    write_row,
)
from clerk_sync.store.session import commit_lazily, transaction

__all__ = ["Claims"]


class Claims:
    """Takes webhooks for this worker.

    Args:
        engine: Postgres.
        lease_s: After so many seconds without an end others may take them, too.
        retries: Says when a webhook has cost enough workers.
    """

    def __init__(self, engine: AsyncEngine, *, lease_s: float, retries: RetryPolicy) -> None:
        self._engine = engine
        self._lease_s = lease_s
        self._retries = retries

    async def take(self, svix_ids: Sequence[str], *, more: int = 0) -> list[Claimed]:
        """Claim those that are due, in the order of their arrival, without waiting for anybody.

        Args:
            svix_ids: Which.
            more: So many others that are due may be among them.

        Raises:
            StoreUnavailableError: Postgres is down or slow.
        """
        async with transaction(self._engine) as connection:
            # A claim that a crash undoes is claimed again; only the state decides who applies.
            await commit_lazily(connection)
            return await claim_rows(connection, svix_ids, lease_s=self._lease_s, more=more)

    async def lost(self, svix_ids: Sequence[str]) -> list[str]:
        """Return those whose worker did not end its work in time.

        Raises:
            StoreUnavailableError: Postgres is down or slow.
        """
        async with transaction(self._engine) as connection:
            return await find_lost(connection, svix_ids)

    async def take_lost(self, svix_id: str) -> list[Claimed]:
        """Claim one whose worker was lost, or give it up when it has cost enough workers.

        Raises:
            StoreUnavailableError: Postgres is down or slow.
        """
        async with transaction(self._engine) as connection:
            await commit_lazily(connection)
            row = await lock_row(connection, svix_id, wait=False)
            if row is None or row.state is not State.APPLYING or not row.due:
                return []
            state = next_state(row.state, Event.LOSE_LEASE)
            if self._retries.is_exhausted(row.attempts):
                dead = next_state(state, Event.GIVE_UP)
                await write_row(connection, row, state=dead, error="its workers were lost")
                return []
            await write_row(
                connection,
                row,
                state=next_state(state, Event.CLAIM),
                attempts=row.attempts + 1,
                wakes=0,
                claimable_in_s=self._lease_s,
                wake_in_s=self._lease_s,
            )
            return [
                Claimed(
                    row.seq,
                    row.svix_id,
                    row.event_type,
                    row.payload,
                    row.attempts + 1,
                    max(0.0, (datetime.now(UTC) - row.received_at).total_seconds()),
                )
            ]

    async def settle(self, settlements: Sequence[Settlement]) -> frozenset[int]:
        """Let claimed webhooks go on, as far as their claims still hold.

        Returns:
            The ``seq`` of those that did.

        Raises:
            StoreUnavailableError: Postgres is down or slow.
        """
        async with transaction(self._engine) as connection:
            return await settle_rows(connection, settlements)
