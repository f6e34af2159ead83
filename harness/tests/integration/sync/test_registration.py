"""The registration kill switch: newcomers are synced and wait; others are let in as ever."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from clerk_harness.clerk import ClerkInstance
from clerk_sync.config import Settings
from clerk_sync.service.registration import Doorkeeper, Registration
from clerk_sync.store.session import connect

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}
BY = Doorkeeper(actor="operator:test", request_id="req_1")


@pytest_asyncio.fixture
async def registration(clerk_settings: Settings) -> AsyncIterator[Registration]:
    engine = connect(clerk_settings.database_url, pool_size=2, application="test")
    yield Registration(engine)
    await engine.dispose()


@pytest_asyncio.fixture
async def served(clerk_settings: Settings, open_service: Any) -> AsyncIterator[Any]:
    async with open_service(clerk_settings) as opened:
        yield opened


async def enter(service: Any, token: str) -> tuple[int, str]:
    answer = await service.http.get("/users/me", headers={"Authorization": f"Bearer {token}"})
    body = answer.json()
    return answer.status_code, body["clerk_id"] if "clerk_id" in body else body["error"]["code"]


def token_of(clerk: ClerkInstance, user_id: str) -> str:
    return clerk.sessions.token(clerk.sessions.create(user_id))


async def test_who_comes_while_it_is_closed_is_synced_but_neither_let_in_nor_welcomed(
    served: Any, clerk: ClerkInstance, registration: Registration
) -> None:
    before, after = (clerk.users.create(f"{n}@example.com") for n in range(2))
    await served.process("user.created", before.id)
    assert await registration.turn(is_open=False, by=BY)
    assert await served.process("user.created", after.id) == "applied"
    assert await served.process("user.updated", after.id, 2000) == "applied"
    assert (await served.user(after.id))["first_name"] == "Version 2000"
    assert [kind for _, kind in await served.effects()] == ["welcome"]
    assert await enter(served, token_of(clerk, after.id)) == (403, "registration_closed")
    assert await enter(served, token_of(clerk, before.id)) == (200, before.id)


async def test_who_comes_just_in_time_is_refused_as_well(
    served: Any, clerk: ClerkInstance, registration: Registration
) -> None:
    await registration.turn(is_open=False, by=BY)
    user = clerk.users.create("a@example.com")
    assert await enter(served, token_of(clerk, user.id)) == (403, "registration_closed")
    assert (await served.user(user.id))["active"] is True


async def test_opening_lets_in_newcomers_and_admitting_those_who_wait_each_welcomed_once(
    served: Any, clerk: ClerkInstance, registration: Registration
) -> None:
    await registration.turn(is_open=False, by=BY)
    waiting = [clerk.users.create(f"{n}@example.com").id for n in range(3)]
    for user_id in waiting:
        await served.process("user.created", user_id)
    assert (await registration.standing()).waiting == 3
    assert await registration.admit(waiting[0], by=BY) is True
    assert await registration.admit(waiting[0], by=BY) is False
    assert await enter(served, token_of(clerk, waiting[0])) == (200, waiting[0])
    assert await enter(served, token_of(clerk, waiting[1])) == (403, "registration_closed")
    await registration.turn(is_open=True, by=BY)
    assert (await registration.standing()).waiting == 2
    assert await registration.admit_all(by=BY) == 2
    assert await registration.admit_all(by=BY) == 0
    await served.process("user.created", waiting[1])
    effects = (await served.get("/effects"))["data"]
    assert sorted(effect["clerk_id"] for effect in effects) == sorted(waiting)


async def test_a_user_who_was_deleted_while_waiting_is_never_welcomed(
    served: Any, registration: Registration
) -> None:
    await registration.turn(is_open=False, by=BY)
    await served.process("user.created", "user_gone")
    await served.process("user.deleted", "user_gone")
    await registration.admit_all(by=BY)
    assert [kind for _, kind in await served.effects()] == ["goodbye"]


async def test_every_turn_and_every_admission_is_audited_and_a_turn_to_where_it_stands_is_not(
    served: Any, registration: Registration
) -> None:
    await registration.turn(is_open=False, by=BY)
    assert not await registration.turn(is_open=False, by=BY)
    await served.process("user.created", "user_1")
    await registration.turn(is_open=True, by=BY)
    await registration.admit_all(by=BY)
    rows = [row for row in (await served.get("/audit"))["data"] if row["actor"] == BY.actor]
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("registration.close", "switch:registration"),
        ("registration.open", "switch:registration"),
        ("user.admit", "user:user_1"),
    ]


async def test_the_configuration_closes_it_until_somebody_turns_the_switch(
    clerk_settings: Settings, open_service: Any, registration: Registration
) -> None:
    closed = replace(clerk_settings, registration="closed")
    async with open_service(closed):
        async with asyncio.timeout(5):
            while (await registration.standing()).is_open:  # noqa: ASYNC110 - Postgres is asked
                await asyncio.sleep(0.02)
        await registration.turn(is_open=True, by=BY)
    async with open_service(closed) as again:
        await again.process("user.created", "user_1")
        assert (await registration.standing()).waiting == 0


async def test_admitting_a_thousand_is_done_in_steps_and_goes_on_where_it_was_cut_off(
    database_url: str, registration: Registration
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("""
            INSERT INTO users (clerk_id, public_metadata, private_metadata, unsafe_metadata, banned,
                               locked, active, applied_svix_id, admitted)
            SELECT 'user_' || n, '{}', '{}', '{}', false, false, true, 'msg', false
            FROM generate_series(1, 1200) AS n
        """)
        # Whoever is being written just now is passed over, and let in by the next call.
        with psycopg.connect(database_url) as other:
            other.execute("SELECT * FROM users WHERE clerk_id = 'user_1' FOR UPDATE")
            assert await registration.admit_all(by=BY) == 1199
        assert await registration.admit_all(by=BY) == 1
        found = connection.execute("SELECT count(*) FROM effects WHERE kind = 'welcome'").fetchone()
    assert found == (1200,)


async def test_an_operator_turns_it_over_http(served: Any) -> None:
    route = "/operator/registration"
    assert (await served.http.get(route)).status_code == 401
    assert (await served.http.put(route, json={"open": False})).status_code == 401
    for wrong in ({}, {"open": "no"}, {"open": 0}, {"open": True, "why": "x"}, []):
        refused = await served.http.put(route, json=wrong, headers=OPERATOR)
        assert refused.status_code == 422, wrong
    closed = await served.http.put(route, json={"open": False}, headers=OPERATOR)
    assert (closed.status_code, closed.json()["open"]) == (200, False)
    for name in ("user_1", "user_2"):
        await served.process("user.created", name)
    assert (await served.get(route))["waiting"] == 2
    admitted = await served.http.post(f"{route}/admit/user_1", headers=OPERATOR)
    assert admitted.json() == {"clerk_id": "user_1", "admitted": True}
    unknown = await served.http.post(f"{route}/admit/user_9", headers=OPERATOR)
    assert unknown.status_code == 404
    opened = await served.http.put(
        route, json={"open": True, "admit_waiting": False}, headers=OPERATOR
    )
    assert (opened.json()["waiting"], opened.json()["admitted"]) == (1, 0)
    opened = await served.http.put(route, json={"open": True}, headers=OPERATOR)
    assert (opened.json()["waiting"], opened.json()["admitted"]) == (0, 1)
    assert opened.json()["changed_by"].startswith("operator:")


async def test_an_operator_turns_it_on_the_command_line(served: Any, env: dict[str, str]) -> None:
    async def run(*arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "clerk_sync",
            "registration",
            *arguments,
            env={**os.environ, **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode or 0, out.decode(), err.decode()

    assert (await run("close"))[:2] == (0, "registration is closed; 0 were let in, 0 wait\n")
    for name in ("user_1", "user_2"):
        await served.process("user.created", name)
    assert (await run("admit", "user_1"))[:2] == (0, "user_1 is let in\n")
    code, _, error = await run("admit", "user_9")
    assert (code, "no such user" in error) == (1, True)
    assert (await run("open"))[:2] == (0, "registration is open; 1 were let in, 0 wait\n")
    assert (await run("admit"))[0] == 3
