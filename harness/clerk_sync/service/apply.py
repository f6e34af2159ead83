"""Applies webhooks: claims many at once, changes the records in one transaction, or notes why not.

A claim is committed before the work begins and carries a lease and a number. Whoever finishes
must still hold that number, so a worker that was given up cannot apply a second time.

What is plain is done together, all of it or nothing. Whatever is not (Clerk has to be asked,
Postgres refuses a value, a lock is not to be had) is then done by itself, under the same claim, so
that one bad webhook costs the others no attempt.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.config import Settings
from clerk_sync.errors import (
    ClerkSyncError,
    PayloadError,
    StoreRejectedError,
    StoreUnavailableError,
)
from clerk_sync.metrics import Metrics
from clerk_sync.service.claims import Claims
from clerk_sync.service.nouns import noun_of, record_within
from clerk_sync.service.payloads import read_event, read_id
from clerk_sync.service.records import Records, Verdicts
from clerk_sync.service.retry import RetryPolicy
from clerk_sync.service.sightings import Sighting
from clerk_sync.states import Event, State, next_state
from clerk_sync.store.inbox import Claimed, Settlement, settle_rows
from clerk_sync.tracing import Tracing

__all__ = ["Applier"]

ALONE_AT_ONCE: Final = 8
"""Webhooks of one batch that are done by themselves at the same time."""
NOTE_PAUSES_S: Final = (0.2, 0.5, 1.0)
"""Pauses before further tries to note a failure; past them the lease takes over."""
ERROR_LENGTH: Final = 500

_log = getLogger(__name__)


class _ClaimLostError(Exception):
    """Somebody else has the webhook by now: what was done for it must not be committed."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A claimed webhook and what it says.

    Attributes:
        claimed: The webhook.
        sighting: What it says of a record; ``None`` when it says nothing that is synced.
        broken: Why it cannot be read.
    """

    claimed: Claimed
    sighting: Sighting | None = None
    broken: PayloadError | None = None


class Applier:
    """Applies webhooks.

    Args:
        engine: Postgres.
        clerk: Asked when what webhooks say settles nothing.
        settings: Give the lease, the time limit of an attempt and the retries.
        metrics: Count what becomes of webhooks, and how long it took.
        tracing: Is told of every attempt, if anybody traces.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clerk: ClerkApi,
        settings: Settings,
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing
        self._metrics = metrics or Metrics()
        self._retries = RetryPolicy.of(settings)
        self._claims = Claims(engine, lease_s=settings.lease_s, retries=self._retries)
        self._records = Records(engine, clerk)
        self._timeout_s = settings.apply_timeout_s
        self._lease_s = settings.lease_s

    async def apply(self, svix_id: str) -> State | None:
        """Bring one webhook forward; harmless for one that is done, taken or not due.

        Returns:
            The state that it came to; ``None`` when there was nothing to do, or the failure could
            not even be noted.

        Raises:
            StoreUnavailableError: It could not be claimed; the sweeper finds it again.
        """
        return (await self.apply_all([svix_id])).get(svix_id)

    async def apply_all(self, svix_ids: Sequence[str], *, more: int = 0) -> Mapping[str, State]:
        """Bring webhooks forward.

        Args:
            svix_ids: Which.
            more: So many others that are due may be taken along.

        Returns:
            The states that they came to, of those for which there was anything to do.

        Raises:
            StoreUnavailableError: They could not be claimed; the sweeper finds them again.
        """
        claimed = await self._claims.take(svix_ids, more=more)
        states = await self._work_off([_read(each) for each in claimed])
        taken = {each.svix_id for each in claimed}
        if others := [svix_id for svix_id in svix_ids if svix_id not in taken]:
            # One of these may have killed its worker; it shall not take others with it again.
            for svix_id in await self._claims.lost(others):
                rescued = await self._claims.take_lost(svix_id)
                states |= await self._work_off([_read(each) for each in rescued])
        return states

    async def _work_off(self, tasks: Sequence[_Task]) -> dict[str, State]:
        if not tasks:
            return {}
        started = asyncio.get_running_loop().time()
        until = started + self._lease_s
        states: dict[str, State] = {}
        left = list(tasks)
        if len(tasks) > 1:
            states = await self._together(tasks)
            left = [task for task in tasks if task.claimed.svix_id not in states]
        states |= await self._one_by_one(left, until)
        self._count(tasks, states, asyncio.get_running_loop().time() - started)
        _log_states(tasks, states)
        return states

    def _count(self, tasks: Sequence[_Task], states: Mapping[str, State], worked_s: float) -> None:
        for state, times in Counter(states.values()).items():
            self._metrics.handled.labels(state.value).inc(times)
        for task in tasks:
            if states.get(task.claimed.svix_id) is State.APPLIED:
                self._metrics.processing.observe(task.claimed.waited_s + worked_s)
        if self._tracing is None:
            return
        for task in tasks:
            self._tracing.record(
                "webhook.apply",
                task.claimed.svix_id,
                seconds=worked_s,
                state=states.get(task.claimed.svix_id, State.APPLYING).value,
                attempt=task.claimed.attempts,
            )

    async def _together(self, tasks: Sequence[_Task]) -> dict[str, State]:
        """Do what is plain in one transaction.

        Returns:
            What became of each; what is missing has to be done by itself.
        """
        told = [task.sighting for task in tasks if task.sighting is not None]
        settled: list[Settlement] = []

        async def finish(connection: AsyncConnection, verdicts: Verdicts) -> None:
            settled[:] = self._settlements(tasks, verdicts)
            if settled and len(await settle_rows(connection, settled)) != len(settled):
                raise _ClaimLostError

        try:
            async with asyncio.timeout(self._timeout_s / 2):
                await self._records.write_together(told, finish)
        except (_ClaimLostError, StoreRejectedError, StoreUnavailableError, TimeoutError) as why:
            _log.info("webhooks are done one by one: %s", why or type(why).__name__)
            return {}
        except Exception:  # noqa: BLE001 - whoever is to blame shows when they are done one by one
            _log.exception("webhooks could not be applied together")
            return {}
        return {each.claimed.svix_id: each.state for each in settled}

    def _settlements(self, tasks: Iterable[_Task], verdicts: Verdicts) -> list[Settlement]:
        settled = []
        verdict = iter(verdicts)
        for task in tasks:
            if task.broken is not None:
                settled.append(self._failure(task.claimed, str(task.broken), final=True))
            elif task.sighting is None:
                settled.append(_settlement(task.claimed, Event.FIND_UNKNOWN))
            elif (outcome := next(verdict)) is not None:
                settled.append(_settlement(task.claimed, outcome))
        return settled

    async def _one_by_one(self, tasks: Sequence[_Task], until: float) -> dict[str, State]:
        """Do each by itself, those of one record in their order."""
        groups: dict[object, list[_Task]] = {}
        for task in tasks:
            key = task.sighting.entity if task.sighting is not None else task.claimed.seq
            groups.setdefault(key, []).append(task)
        gate = asyncio.Semaphore(ALONE_AT_ONCE)
        states: dict[str, State] = {}
        unnoted: list[Settlement] = []

        async def work_off(group: Sequence[_Task]) -> None:
            async with gate:
                for task in group:
                    if asyncio.get_running_loop().time() < until:
                        outcome = await self._alone(task)
                        if isinstance(outcome, Settlement):
                            unnoted.append(outcome)
                        elif outcome is not None:
                            states[task.claimed.svix_id] = outcome

        async with asyncio.TaskGroup() as together:
            for group in groups.values():
                together.create_task(work_off(group))
        return states | await self._note_late(unnoted)

    async def _alone(self, task: _Task) -> State | Settlement | None:
        """Do one.

        Returns:
            The state that it came to; ``None`` when it is somebody else's by now; a failure that
            could not be noted.
        """
        claimed = task.claimed
        if task.broken is not None:
            return await self._note(self._failure(claimed, str(task.broken), final=True))
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._write(task)
        except _ClaimLostError:
            return None
        except PayloadError as broken:
            failure = self._failure(claimed, str(broken), final=True)
        except TimeoutError:
            failure = self._failure(claimed, f"took longer than {self._timeout_s:g} s")
        except ClerkSyncError as failed:
            failure = self._failure(claimed, str(failed))
        except Exception as unforeseen:  # noqa: BLE001 - must not leave the row to its lease
            _log.exception("an attempt failed unforeseen", extra={"svix_id": claimed.svix_id})
            failure = self._failure(claimed, f"{type(unforeseen).__name__}: {unforeseen}")
        return await self._note(failure)

    async def _write(self, task: _Task) -> State:
        """Write what one webhook says, and that it does, in one transaction."""
        settled = _settlement(task.claimed, Event.FIND_UNKNOWN)

        async def finish(connection: AsyncConnection, verdicts: Verdicts) -> None:
            nonlocal settled
            if task.sighting is not None and verdicts[0] is not None:
                settled = _settlement(task.claimed, verdicts[0])
            if not await settle_rows(connection, [settled]):
                raise _ClaimLostError

        if task.sighting is None:
            await self._records.write_together([], finish)
        else:
            await self._records.write_alone(task.sighting, finish)
        return settled.state

    async def _note(self, failure: Settlement) -> State | Settlement | None:
        try:
            return failure.state if await self._claims.settle([failure]) else None
        except StoreUnavailableError:
            return failure

    async def _note_late(self, failures: Sequence[Settlement]) -> dict[str, State]:
        """Note failures for which Postgres was not there when they happened."""
        for pause in NOTE_PAUSES_S if failures else ():
            await asyncio.sleep(pause)
            try:
                noted = await self._claims.settle(failures)
            except StoreUnavailableError:
                continue
            return {
                each.claimed.svix_id: each.state for each in failures if each.claimed.seq in noted
            }
        if failures:
            _log.warning(
                "failures could not be noted; the leases will run out",
                extra={"failures": {each.claimed.svix_id: each.error for each in failures}},
            )
        return {}

    def _failure(self, claimed: Claimed, error: str, *, final: bool = False) -> Settlement:
        state = next_state(State.APPLYING, Event.FAIL)
        if final or self._retries.is_exhausted(claimed.attempts):
            state = next_state(state, Event.GIVE_UP)
        return Settlement(
            claimed,
            state,
            error=error[:ERROR_LENGTH],
            again_in_s=self._retries.pause_s(claimed.attempts),
        )


def _read(claimed: Claimed) -> _Task:
    noun = noun_of(claimed.event_type)
    if noun is None:
        return _Task(claimed)
    try:
        data = record_within(noun, claimed.event_type, read_event(claimed.payload).data)
        if data is None:
            return _Task(claimed)
        gone = claimed.event_type in noun.deleted_by
        sighting = Sighting(
            noun=noun,
            clerk_id=read_id(data),
            profile=noun.read_gone(data) if gone else noun.read(data),
            source=claimed.svix_id,
            action=claimed.event_type,
            gone=gone,
            effect=noun.effects.get(claimed.event_type),
        )
    except PayloadError as broken:
        return _Task(claimed, broken=broken.inside(noun.within.get(claimed.event_type)))
    except Exception as unforeseen:  # noqa: BLE001 - the others of the batch are none the worse
        _log.exception("a webhook cannot be read", extra={"svix_id": claimed.svix_id})
        unreadable = PayloadError("data", f"cannot be read ({type(unforeseen).__name__})")
        return _Task(claimed, broken=unreadable)
    return _Task(claimed, sighting)


def _settlement(claimed: Claimed, outcome: Event) -> Settlement:
    return Settlement(claimed, next_state(State.APPLYING, outcome), applied=outcome is Event.APPLY)


def _log_states(tasks: Sequence[_Task], states: Mapping[str, State]) -> None:
    by_state: dict[str, list[str]] = {}
    for task in tasks:
        state = states.get(task.claimed.svix_id, State.APPLYING)
        by_state.setdefault(state.value, []).append(task.claimed.svix_id)
    _log.info("webhooks handled", extra={"svix_ids": by_state})
