"""Postgres or Redis gone while deliveries arrive: what is answered, and how it comes back."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from clerk_harness.clerk import ClerkInstance
from clerk_harness.stack import Stack
from clerk_sync.config import Role, Settings, read_settings

pytestmark = pytest.mark.asyncio


@pytest.fixture
def mortal_settings(mortal_env: dict[str, str]) -> Settings:
    return read_settings(Role.API, mortal_env)


async def test_without_postgres_503_comes_quickly_and_afterwards_it_works_again(
    mortal_settings: Settings, mortal: Stack, open_service: Any
) -> None:
    async with open_service(mortal_settings) as service:
        before = await service.deliver("user.created")
        mortal.postgres.kill()
        started = time.monotonic()
        _, refused = await service.post("user.created", "user_2")
        assert time.monotonic() - started < 5
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await service.http.get("/health/ready")).status_code == 503
        assert (await service.http.get("/health/live")).status_code == 200
        assert (await service.http.get("/metrics")).status_code == 200
        mortal.postgres.restart()
        # The very next delivery may meet a broken pooled connection: it must not notice.
        after = await service.deliver("user.created", "user_2")
        rows = (await service.get("/inbox"))["data"]
        assert [row["svix_id"] for row in rows] == [before, after]


async def test_a_frozen_postgres_gives_503_within_five_seconds_and_then_recovers(
    mortal_settings: Settings, mortal: Stack, open_service: Any
) -> None:
    async with open_service(mortal_settings) as service:
        await service.deliver("user.created")
        mortal.postgres.freeze()
        try:
            started = time.monotonic()
            answers = await asyncio.gather(*[service.post("user.created") for _ in range(5)])
            took = time.monotonic() - started
        finally:
            mortal.postgres.thaw()
        assert {answer.status_code for _, answer in answers} == {503}
        assert took < 5
        assert (await service.post("user.created"))[1].status_code in {204, 503}
        await service.deliver("user.created")


async def test_without_redis_deliveries_are_taken_at_once_and_readiness_is_degraded(
    mortal_settings: Settings, mortal: Stack, open_service: Any
) -> None:
    mortal.redis.kill()
    try:
        async with open_service(mortal_settings) as service:
            for number in range(20):
                started = time.monotonic()
                await service.deliver("user.created", f"user_{number}")
                assert time.monotonic() - started < 0.5
            ready = await service.http.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert "Redis" in ready.json()["redis"]
    finally:
        mortal.redis.restart()


async def test_a_frozen_redis_delays_no_answer(
    mortal_settings: Settings, mortal: Stack, open_service: Any
) -> None:
    async with open_service(mortal_settings) as service:
        await service.deliver("user.created")
        mortal.redis.freeze()
        try:
            for number in range(20):
                started = time.monotonic()
                await service.deliver("user.created", f"user_{number}")
                assert time.monotonic() - started < 0.5
            ready = await service.http.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        finally:
            mortal.redis.thaw()


async def test_connections_that_broke_in_a_restart_are_replaced_unnoticed(
    mortal_settings: Settings, mortal: Stack, open_service: Any
) -> None:
    async with open_service(mortal_settings) as service:
        await asyncio.gather(*[service.user("nobody") for _ in range(8)], return_exceptions=True)
        svix_id = await service.deliver("user.created")
        # Nothing in this process runs meanwhile, so nobody can have noticed.
        mortal.postgres.kill()
        mortal.postgres.restart()
        await service.deliver("user.created", svix_id=svix_id)
        assert await service.apply(svix_id) == "applied"


async def test_without_postgres_whoever_was_let_in_a_moment_ago_is_and_nobody_else(
    mortal_env: dict[str, str], mortal: Stack, open_service: Any, clerk: ClerkInstance
) -> None:
    settings = read_settings(
        Role.API,
        mortal_env
        | {"CLERK_ISSUER": clerk.keys.issuer, "CLERK_JWKS_URL": clerk.keys.jwks_url}
        | {"CLERK_API_URL": clerk.keys.api_url, "CLERK_SECRET_KEY": clerk.keys.secret_key},
    )
    people = [clerk.users.create(f"{name}@example.com") for name in ("ada", "ben", "cleo")]
    ada, ben, cleo = [
        {"Authorization": f"Bearer {clerk.sessions.token(clerk.sessions.create(each))}"}
        for each in people
    ]

    async with open_service(replace(settings, known_users_s=10.0)) as service:

        async def ask(headers: dict[str, str]) -> int:
            status: int = (await service.http.get("/users/me", headers=headers)).status_code
            return status

        assert [await ask(ada), await ask(ben)] == [200, 200]
        await service.process("user.deleted", people[1].id)
        assert await ask(ben) == 403
        # What was applied lazily is on disk with the next commit that is not lazy.
        await service.deliver("session.created", "sess_1")
        mortal.postgres.kill()
        try:
            assert [await ask(ada), await ask(ben), await ask(cleo)] == [200, 503, 503]
        finally:
            mortal.postgres.restart()
        assert [await ask(ada), await ask(ben), await ask(cleo)] == [200, 403, 200]
    async with open_service(replace(settings, known_users_s=0.001)) as service:
        assert await ask(ada) == 200
        mortal.postgres.kill()
        try:
            assert await ask(ada) == 503
        finally:
            mortal.postgres.restart()
