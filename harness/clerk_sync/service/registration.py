"""The registration kill switch: whoever comes while it is closed is synced and not let in.

Whether a new user is admitted is decided by Postgres in the statement that makes the row, so no
process acts on an old state of the switch; what is cached here is only for being shown.
"""

import asyncio
import time
from dataclasses import dataclass
from logging import getLogger
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from clerk_sync.errors import ClerkSyncError, NotFoundError
from clerk_sync.store.admission import admit_next, admit_one, count_waiting, open_initially
from clerk_sync.store.audit import AuditEntry, add_entries
from clerk_sync.store.effects import DueEffect, EffectKind, add_effects
from clerk_sync.store.session import transaction
from clerk_sync.store.switches import REGISTRATION, Switch, read_switch, turn_switch
from clerk_sync.store.users import read_user

__all__ = ["Doorkeeper", "Registration", "Standing"]

CACHE_S: Final = 1.0
BATCH: Final = 500

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Who turns the switch, for the audit log: an actor, and the id of the request or run."""

    actor: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: ``switch`` is ``None`` while nobody ever turned it, which means open."""

    switch: Switch | None
    waiting: int

    @property
    def is_open(self) -> bool:
        """Whether newcomers are let in."""
        return self.switch is None or self.switch.open


class Registration:
    """The switch and those who wait behind it.

    Args:
        engine: Postgres.
        initially_open: How the switch stands until somebody turns it.
    """

    def __init__(self, engine: AsyncEngine, *, initially_open: bool = True) -> None:
        self._engine = engine
        self._initially_open = initially_open
        self._known = initially_open
        self._known_at = float("-inf")
        self._preparing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Write down how the switch stands initially, as soon as Postgres takes it."""
        if not self._initially_open:
            self._preparing = asyncio.create_task(self._prepare(), name="registration")

    async def stop(self) -> None:
        """Stop trying."""
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait([self._preparing])

    async def _prepare(self) -> None:
        while True:
            try:
                async with transaction(self._engine) as connection:
                    await open_initially(connection, REGISTRATION, is_open=False)
            except ClerkSyncError as failure:
                _log.warning("registration cannot be closed yet: %s", failure)
                await asyncio.sleep(CACHE_S)
            else:
                return

    async def is_open(self) -> bool:
        """Tell whether newcomers are let in, as of at most a second ago."""
        if time.monotonic() - self._known_at > CACHE_S:
            self._known = (await self.standing()).is_open
            self._known_at = time.monotonic()
        return self._known

    async def standing(self) -> Standing:
        """Return how things stand now."""
        async with transaction(self._engine) as connection:
            return Standing(
                await read_switch(connection, REGISTRATION), await count_waiting(connection)
            )

    async def turn(self, *, is_open: bool, by: Doorkeeper) -> bool:
        """Turn the switch; those who wait go on waiting until they are admitted.

        Returns:
            Whether this changed anything.
        """
        async with transaction(self._engine) as connection:
            before = await read_switch(connection, REGISTRATION)
            changed = is_open != (before is None or before.open)
            await turn_switch(connection, REGISTRATION, is_open=is_open, changed_by=by.actor)
            if changed:
                await add_entries(
                    connection,
                    [
                        AuditEntry(
                            actor=by.actor,
                            action="registration.open" if is_open else "registration.close",
                            subject="switch:registration",
                            before={"open": not is_open},
                            after={"open": is_open},
                            request_id=by.request_id,
                        )
                    ],
                )
        self._known_at = float("-inf")
        _log.warning("registration is %s", "open" if is_open else "closed")
        return changed

    async def admit(self, clerk_id: str, *, by: Doorkeeper) -> bool:
        """Let one user in who waits; their welcome is due then.

        Returns:
            Whether they waited.

        Raises:
            NotFoundError: No such user was synced.
        """
        async with transaction(self._engine) as connection:
            if await read_user(connection, clerk_id) is None:
                raise NotFoundError("no such user was synced", reason="user_not_synced")
            admitted = await admit_one(connection, clerk_id)
            await _greet(connection, admitted, by)
        return bool(admitted)

    async def admit_all(self, *, by: Doorkeeper) -> int:
        """Let in everybody who waits, 500 in a transaction; cut off, it can be called again.

        Returns:
            How many.
        """
        total = 0
        while True:
            async with transaction(self._engine) as connection:
                admitted = await admit_next(connection, limit=BATCH)
                await _greet(connection, admitted, by)
            total += len(admitted)
            if not admitted:
                return total


async def _greet(
    connection: AsyncConnection, admitted: list[tuple[str, bool]], by: Doorkeeper
) -> None:
    """Welcome the living among those who were let in, and write down who let them in."""
    welcomes = [
        DueEffect(EffectKind.WELCOME, f"admit:{by.request_id}:{clerk_id}", clerk_id)
        for clerk_id, alive in admitted
        if alive
    ]
    if welcomes:
        await add_effects(connection, welcomes)
    await add_entries(
        connection,
        [
            AuditEntry(
                actor=by.actor,
                action="user.admit",
                subject=f"user:{clerk_id}",
                before={"admitted": False},
                after={"admitted": True},
                request_id=by.request_id,
            )
            for clerk_id, _ in admitted
        ],
    )
