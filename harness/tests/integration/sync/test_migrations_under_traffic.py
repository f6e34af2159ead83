"""Migrations while deliveries arrive and a process of the version before goes on writing."""

import asyncio
from dataclasses import replace
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually
from clerk_sync.config import Settings
from clerk_sync.migrate import migrate
from clerk_sync.states import State

PEOPLE_OF_BEFORE = 20
ADDRESSES = 5


def _write_as_0001(url: str, stop: Event, failures: list[str]) -> None:
    """Do what an applier of revision 0001 does, over and over; addresses move between users."""
    with psycopg.connect(url, autocommit=True) as connection:
        for turn in range(1_000_000):
            if stop.is_set():
                return
            user, address = f"old_{turn % PEOPLE_OF_BEFORE}", f"{turn % ADDRESSES}@example.com"
            try:
                with connection.transaction():
                    _apply_as_0001(connection, turn, user, address)
            except psycopg.errors.UniqueViolation:
                continue
            except psycopg.Error as failure:
                failures.append(f"{type(failure).__name__}: {failure}")


def _apply_as_0001(connection: psycopg.Connection[Any], turn: int, user: str, address: str) -> None:
    connection.execute(
        """
        INSERT INTO users (clerk_id, public_metadata, private_metadata, unsafe_metadata, banned,
                           locked, active, clerk_updated_at, deleted_at, applied_svix_id)
        VALUES (%(user)s, '{}', '{}', '{}', false, false, true, %(turn)s, NULL, %(turn)s)
        ON CONFLICT (clerk_id) DO UPDATE SET clerk_updated_at = excluded.clerk_updated_at
        """,
        {"user": user, "turn": turn},
    )
    connection.execute("DELETE FROM user_emails WHERE clerk_id = %s", [user])
    connection.execute(
        """
        INSERT INTO user_emails (clerk_id, position, email_address, verified, "primary")
        VALUES (%s, 0, %s, true, true)
        """,
        [user, address],
    )
    connection.execute(
        """
        INSERT INTO effects (svix_id, kind, clerk_id, created_at)
        VALUES (%s, 'goodbye', %s, now()) ON CONFLICT DO NOTHING
        """,
        [str(turn), user],
    )


async def _deliver_until(stop: Event, service: Any) -> list[str]:
    """Deliver as Svix does; return what was acknowledged."""
    taken = []
    number = 0
    while not stop.is_set():
        number += 1
        svix_id, answer = await service.post("user.created", f"new_{number}")
        assert answer.status_code in {204, 503}, answer.text
        if answer.status_code == 204:
            taken.append(svix_id)
    return taken


@pytest.mark.asyncio
async def test_up_down_and_up_again_under_traffic_loses_nothing(
    settings: Settings, stack: Stack, open_service: Any
) -> None:
    url = stack.postgres.create_database(f"traffic_{uuid4().hex}")
    await asyncio.to_thread(migrate, url, "0001")
    stop, failures = Event(), list[str]()
    before = Thread(target=_write_as_0001, args=(url, stop, failures))
    async with open_service(replace(settings, database_url=url)) as service:
        before.start()
        # At 0001 nothing of it is refused.
        await asyncio.to_thread(
            eventually, lambda: _old_users(url) == PEOPLE_OF_BEFORE, within=20, describe="users"
        )
        deliveries = asyncio.create_task(_deliver_until(stop, service))
        try:
            for revision in ("head", "0001", "head"):
                schema = await asyncio.to_thread(migrate, url, revision)
        finally:
            stop.set()
            before.join()
        taken = await deliveries
        assert schema.is_current
        assert failures == []
        assert len(taken) > 20
        assert [await service.apply(svix_id) for svix_id in taken] == [State.APPLIED] * len(taken)
    assert _old_users(url) == PEOPLE_OF_BEFORE
    assert _verified_twice(url) == []


def _old_users(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM users WHERE clerk_id LIKE 'old_%'")
        return found.fetchall()[0][0]


def _verified_twice(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT lower(email_address) FROM user_emails WHERE verified"
            " GROUP BY 1 HAVING count(*) > 1"
        ).fetchall()
