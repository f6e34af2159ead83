"""A worker that can be killed at every boundary of its work: before any statement or commit.

What is killed is dead altogether: none of its connections says a further word, Postgres ends them.
"""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any

import httpx
import psycopg
from clerk_model import ClerkModel
from sqlalchemy import event
from sqlalchemy.util import await_only

from clerk_sync.breaker import Breaker
from clerk_sync.clerk_api import ClerkApi
from clerk_sync.config import Settings
from clerk_sync.service.apply import Applier
from clerk_sync.store.session import connect

__all__ = ["Killed", "Stop", "work"]

_names = count(1)


class Killed(BaseException):
    """The process ends here, without a chance to clean up."""


class Stop:
    """Brings a worker to a stand.

    Args:
        at: Before which statement or commit, counted from 0.
    """

    def __init__(self, at: int) -> None:
        self._at = at
        self._stands = asyncio.Event()
        self._may_go_on = asyncio.Event()

    def reach(self, boundary: int) -> None:
        """Stand still if it is here; to be called where SQLAlchemy does its work."""
        if boundary == self._at:
            self._stands.set()
            await_only(self._may_go_on.wait())

    def task(self) -> "asyncio.Task[Any]":
        """Return what ends when the worker stands."""
        return asyncio.ensure_future(self._stands.wait())

    def go_on(self) -> None:
        """Let it go on, now or whenever it gets there."""
        self._stands.set()
        self._may_go_on.set()


async def work(
    svix_ids: Sequence[str],
    *,
    settings: Settings,
    clerk: ClerkModel,
    killed_at: int | None = None,
    stop: Stop | None = None,
) -> bool:
    """Let one worker process do its work.

    Args:
        svix_ids: What it was woken for.
        settings: Its configuration.
        clerk: Whom it asks.
        killed_at: Before which statement or commit it is killed, counted from 0.
        stop: Where it waits on its way.

    Returns:
        Whether it lived to the end.
    """
    name = f"mortal worker {next(_names)}"
    engine = connect(settings.database_url, pool_size=8, application=name)
    boundaries = count()
    dead = False

    def reach_boundary(*_: Any) -> None:
        nonlocal dead
        here = next(boundaries)
        if stop is not None:
            stop.reach(here)
        dead = dead or here == killed_at
        if dead:
            raise Killed

    def stay_dead(*_: Any) -> None:
        if dead:
            raise Killed

    event.listen(engine.sync_engine, "before_cursor_execute", reach_boundary)
    event.listen(engine.sync_engine, "commit", reach_boundary)
    event.listen(engine.sync_engine, "begin", stay_dead)
    async with httpx.AsyncClient(transport=httpx.MockTransport(_answers(clerk))) as http:
        api = ClerkApi(
            http,
            base_url="http://127.0.0.1/v1",
            secret_key="sk_test_key",
            breaker=Breaker(failures=1000, reset_s=1),
        )
        try:
            await Applier(engine, api, settings).apply_all(svix_ids)
        except BaseException as end:
            if not dead:
                raise
            _check_killed(end)
        finally:
            if dead:
                await asyncio.to_thread(_bury, settings.database_url, name)
            await engine.dispose()
    return not dead


def _answers(clerk: ClerkModel) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        parts = request.url.path.split("/")
        if "memberships" in parts:
            found = clerk.list_memberships(parts[3], request.url.params["user_id"])
            return httpx.Response(200, json=found)
        document = clerk.get(parts[-1])
        return httpx.Response(200, json=document) if document else httpx.Response(404, json={})

    return answer


def _check_killed(end: BaseException) -> None:
    if isinstance(end, BaseExceptionGroup):
        for each in end.exceptions:
            _check_killed(each)
    elif not isinstance(end, Killed | asyncio.CancelledError):
        raise end


def _bury(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [name],
        )
