"""The deep look at what the service leans on: everything is really used once, within limits."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from logging import getLogger
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import ClerkSyncError
from clerk_sync.service.round_trip import RoundTrip
from clerk_sync.service.signing_keys import SigningKeys
from clerk_sync.store.models import SCHEMA_REVISION
from clerk_sync.store.probe import read_probe, write_probe
from clerk_sync.store.session import schema_revision, transaction

__all__ = ["Check", "Examination"]

LIMIT_S: Final = 6.0
"""Longest time for any one check; they run at once."""

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``trouble`` is one line, empty when all is well."""

    name: str
    trouble: str
    took_ms: float


class Examination:
    """Checks everything.

    Args:
        engine: Postgres.
        redis: The broker.
        round_trip: To a worker and back.
        keys: Of session tokens.
        clerk: The Backend API.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        redis: Redis,
        round_trip: RoundTrip,
        *,
        keys: SigningKeys,
        clerk: ClerkApi,
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._round_trip = round_trip
        self._keys = keys
        self._clerk = clerk
        self._one_at_a_time = asyncio.Lock()

    async def examine(self) -> list[Check]:
        """Return every check, after six seconds at the latest; whatever fails is in there."""
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "postgres": self._write_and_read,
            "schema": self._compare_schema,
            "redis": self._put_and_get,
            "worker": self._echo,
            "signing_keys": self._look_at_keys,
            "clerk": self._ping_clerk,
        }
        async with self._one_at_a_time:
            return await asyncio.gather(*[_time(name, run) for name, run in checks.items()])

    async def _write_and_read(self) -> str:
        token = uuid4().hex
        async with transaction(self._engine) as connection:
            await write_probe(connection, token)
        async with transaction(self._engine) as connection:
            found = await read_probe(connection)
        # Another process may examine at the same time; what was committed must be somebody's.
        return "" if found else "what was committed cannot be read"

    async def _compare_schema(self) -> str:
        async with transaction(self._engine) as connection:
            revision = await schema_revision(connection)
        if revision == SCHEMA_REVISION:
            return ""
        return f"the schema is at {revision}, not at {SCHEMA_REVISION}: run migrate"

    async def _put_and_get(self) -> str:
        key, token = f"clerk_sync:probe:{uuid4().hex}", uuid4().hex
        await self._redis.set(key, token, ex=10)
        return "" if await self._redis.getdel(key) == token.encode() else "Redis forgot a key"

    async def _echo(self) -> str:
        await self._round_trip.measure_ms()
        return ""

    async def _look_at_keys(self) -> str:
        return self._keys.trouble

    async def _ping_clerk(self) -> str:
        await self._clerk.ping()
        return ""


async def _time(name: str, run: Callable[[], Awaitable[str]]) -> Check:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(LIMIT_S):
            trouble = await run()
    except TimeoutError:
        trouble = f"no answer within {LIMIT_S:g} s"
    except (ClerkSyncError, RedisError, OSError) as failure:
        trouble = " ".join(str(failure).split()) or type(failure).__name__
    except Exception as unforeseen:  # noqa: BLE001 - a check tells of its failure
        _log.exception("a check failed unforeseen", extra={"check": name})
        trouble = f"unforeseen: {type(unforeseen).__name__}"
    return Check(name, trouble, (time.perf_counter() - started) * 1000)
