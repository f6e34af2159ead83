"""Applies one webhook: claim it, change the records in one transaction, or note why not.

A claim is committed before the work begins and carries a lease and a number. Whoever finishes
must still hold that number, so a worker that was given up cannot apply a second time.
"""

import asyncio
from dataclasses import replace
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.config import Settings
from clerk_sync.errors import ClerkSyncError, PayloadError, StoreUnavailableError
from clerk_sync.service.payloads import read_event, read_id
from clerk_sync.service.projections import PROJECTIONS, Change
from clerk_sync.service.retry import RetryPolicy
from clerk_sync.states import OPEN_STATES, Event, State, next_state
from clerk_sync.store.inbox import InboxRow, lock_row, write_row
from clerk_sync.store.session import commit_lazily, transaction
from clerk_sync.store.users import lock_entity

__all__ = ["Applier"]

NOTE_PAUSES_S: Final = (0.0, 0.2, 0.5, 1.0)
"""Pauses before the tries to note a failure; past them the lease takes over."""
ERROR_LENGTH: Final = 500

_log = getLogger(__name__)


class Applier:
    """Applies webhooks.

    Args:
        engine: Postgres.
        clerk: Asked when two events tie.
        settings: Give the lease, the time limit of an attempt and the retries.
    """

    def __init__(self, engine: AsyncEngine, clerk: ClerkApi, settings: Settings) -> None:
        self._engine = engine
        self._clerk = clerk
        self._lease_s = settings.lease_s
        self._timeout_s = settings.apply_timeout_s
        self._retries = RetryPolicy.of(settings)

    async def apply(self, svix_id: str) -> State | None:
        """Bring one webhook forward; harmless for one that is done, taken or not due.

        Returns:
            The state that it came to; ``None`` when there was nothing to do, or the failure could
            not even be noted.

        Raises:
            StoreUnavailableError: It could not be claimed; the sweeper finds it again.
        """
        claimed = await self._claim(svix_id)
        if claimed is None:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                state = await self._change_records(claimed)
        except PayloadError as broken:
            state = await self._note_failure(claimed, str(broken), final=True)
        except TimeoutError:
            state = await self._note_failure(claimed, f"took longer than {self._timeout_s:g} s")
        except ClerkSyncError as failure:
            state = await self._note_failure(claimed, str(failure))
        except Exception as unforeseen:  # noqa: BLE001 - must not leave the row to its lease
            _log.exception("an attempt failed unforeseen", extra={"svix_id": svix_id})
            state = await self._note_failure(claimed, f"{type(unforeseen).__name__}: {unforeseen}")
        _log.info(
            "webhook handled",
            extra={
                "svix_id": svix_id,
                "event_type": claimed.event_type,
                "clerk_id": claimed.clerk_id,
                "state": state,
                "attempt": claimed.attempts,
            },
        )
        return state

    async def _claim(self, svix_id: str) -> InboxRow | None:
        async with transaction(self._engine) as connection:
            # A claim that a crash undoes is claimed again; only the state decides who applies.
            await commit_lazily(connection)
            row = await lock_row(connection, svix_id, wait=False)
            if row is None or row.state not in OPEN_STATES or not row.due:
                return None
            state = row.state
            if state is State.APPLYING:
                state = next_state(state, Event.LOSE_LEASE)
                if self._retries.is_exhausted(row.attempts):
                    dead = next_state(state, Event.GIVE_UP)
                    await write_row(connection, row, state=dead, error="its workers were lost")
                    return None
            claimed = replace(
                row, state=next_state(state, Event.CLAIM), attempts=row.attempts + 1, wakes=0
            )
            await write_row(
                connection,
                row,
                state=claimed.state,
                attempts=claimed.attempts,
                wakes=claimed.wakes,
                claimable_in_s=self._lease_s,
                wake_in_s=self._lease_s,
            )
            return claimed

    async def _change_records(self, claimed: InboxRow) -> State | None:
        event = read_event(claimed.payload)
        projection = PROJECTIONS.get(event.type)
        async with transaction(self._engine) as connection:
            if projection is not None:
                clerk_id = read_id(event.data)
                await lock_entity(connection, clerk_id)
            row = await lock_row(connection, claimed.svix_id, wait=True)
            if row is None or not _still_holds(claimed, row):
                return None
            outcome = Event.FIND_UNKNOWN
            if projection is not None:
                outcome = await projection(
                    Change(connection, self._clerk, claimed.svix_id, clerk_id, event.data)
                )
            state = next_state(row.state, outcome)
            await write_row(connection, row, state=state, applied=outcome is Event.APPLY)
            return state

    async def _note_failure(
        self, claimed: InboxRow, error: str, *, final: bool = False
    ) -> State | None:
        for pause in NOTE_PAUSES_S:
            await asyncio.sleep(pause)
            try:
                return await self._fail(claimed, error[:ERROR_LENGTH], final=final)
            except StoreUnavailableError:
                continue
        _log.warning(
            "a failure could not be noted; the lease will run out",
            extra={"svix_id": claimed.svix_id, "failure": error},
        )
        return None

    async def _fail(self, claimed: InboxRow, error: str, *, final: bool) -> State | None:
        async with transaction(self._engine) as connection:
            row = await lock_row(connection, claimed.svix_id, wait=True)
            if row is None or not _still_holds(claimed, row):
                return None
            state = next_state(row.state, Event.FAIL)
            if final or self._retries.is_exhausted(row.attempts):
                state = next_state(state, Event.GIVE_UP)
            pause = self._retries.pause_s(row.attempts)
            await write_row(
                connection, row, state=state, error=error, claimable_in_s=pause, wake_in_s=pause
            )
            return state


def _still_holds(claimed: InboxRow, row: InboxRow) -> bool:
    return row.state is State.APPLYING and row.attempts == claimed.attempts
