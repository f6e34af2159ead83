"""A connection that is kept for one statement, for what is executed for every webhook."""

from contextlib import suppress
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from clerk_sync.errors import StoreRejectedError
from clerk_sync.store.session import FAILURES, translate

__all__ = ["LastingConnection"]

_TRIES: Final = 2


class LastingConnection:
    """One connection of the pool, taken when first used and replaced when it is lost.

    asyncpg executes on it without SQLAlchemy and without BEGIN and COMMIT: each statement is a
    transaction of its own, in one round trip instead of five.

    Args:
        engine: Postgres.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    async def fetch(self, statement: str, *arguments: object) -> list[Any]:
        """Execute a statement; what it did is committed when this returns.

        Args:
            statement: Executed a second time when the connection is lost under it, so it must not
                matter whether the first time counted.
            arguments: For ``$1``, ``$2``, …

        Raises:
            StoreRejectedError: Postgres refuses a value; trying again is of no use.
            StoreUnavailableError: Postgres is down, slow or not migrated; trying again may help.
        """
        for left in reversed(range(_TRIES)):
            try:
                driver = self._driver or await self._open()
                found: list[Any] = await driver.fetch(statement, *arguments)
            except FAILURES as failure:
                problem = translate(failure)
                if isinstance(problem, StoreRejectedError):
                    raise problem from failure
                lost = self._driver is not None and self._driver.is_closed()
                await self.close()
                if not (lost and left):
                    raise problem from failure
            except BaseException:
                # Cancelled in the middle: what the server does on it is anybody's guess.
                await self.close()
                raise
            else:
                return found
        raise AssertionError("the last try either returns or raises")

    async def close(self) -> None:
        """Drop the connection; the next statement takes another."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            with suppress(*FAILURES):
                await connection.invalidate()
                await connection.close()

    async def _open(self) -> Any:
        self._connection = await self._engine.connect()
        self._driver = (await self._connection.get_raw_connection()).driver_connection
        return self._driver
