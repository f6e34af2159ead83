"""Takes the pulse of a process: what nobody tells of when it changes is looked at every second."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import isfinite
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.metrics import Metrics
from clerk_sync.store.session import pool_use

__all__ = ["Pulse", "show_pool"]

EVERY_S: Final = 1.0


def show_pool(engine: AsyncEngine, metrics: Metrics) -> None:
    """Show how the connections of an engine are used."""
    use = pool_use(engine)
    metrics.show_pool(size=use.size, in_use=use.in_use, waiters=use.waiters)


class Pulse:
    """Shows the pool and the age of the signing keys.

    Args:
        engine: Postgres.
        metrics: Where it is shown.
        keys_age_s: Returns the age of the signing keys in seconds, infinite without any.
    """

    def __init__(
        self, engine: AsyncEngine, metrics: Metrics, *, keys_age_s: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._keys_age_s = keys_age_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look now, and from now on."""
        self._task = asyncio.create_task(self._run(), name="pulse")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def take(self) -> None:
        """Look once."""
        show_pool(self._engine, self._metrics)
        age = self._keys_age_s()
        if isfinite(age):
            self._metrics.jwks_age.set(age)

    async def _run(self) -> None:
        while True:
            self.take()
            await asyncio.sleep(EVERY_S)
