"""A session token arrives before the webhook that tells of its user."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from clerk_harness.clerk import ClerkInstance
from clerk_sync.config import Settings
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


async def ask(service: Any, token: str) -> httpx.Response:
    answer: httpx.Response = await service.http.get(
        "/users/me", headers={"Authorization": f"Bearer {token}"}
    )
    return answer


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, body["clerk_id"] if "clerk_id" in body else body["error"]["code"]


def token_of(clerk: ClerkInstance, user_id: str) -> str:
    return clerk.sessions.token(clerk.sessions.create(user_id))


def document(clerk: ClerkInstance, user_id: str) -> dict[str, Any]:
    found: dict[str, Any] = clerk.call("GET", f"/users/{user_id}")
    return found


async def test_fifty_requests_at_once_over_two_instances_make_one_user_who_is_welcomed_once(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com", first_name="Ada")
    token = token_of(clerk, ada.id)
    async with AsyncExitStack() as stack:
        services = [await stack.enter_async_context(open_service(clerk_settings)) for _ in range(2)]
        with clerk.faults.latency(0.3, path="/v1/users/{user_id}") as watched:
            answers = await asyncio.gather(
                *(ask(services[number % 2], token) for number in range(50))
            )
            assert watched.matched == 2  # one for each process
        assert {code(answer) for answer in answers} == {(200, ada.id)}
        rows = (await services[0].get("/users"))["data"]
        assert [(row["clerk_id"], row["first_name"]) for row in rows] == [(ada.id, "Ada")]
        assert await services[0].effects() == []
        for _ in range(2):
            data = document(clerk, ada.id)
            state = await services[0].process("user.created", ada.id, **data)
            assert state is State.APPLIED
        assert [kind for _, kind in await services[0].effects()] == ["welcome"]


async def test_who_was_provisioned_is_in_the_audit_log_and_costs_no_second_call(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    async with open_service(clerk_settings) as service:
        with clerk.faults.latency(0.001, path="/v1/users/{user_id}") as watched:
            for _ in range(3):
                assert code(await ask(service, token_of(clerk, ada.id))) == (200, ada.id)
            assert watched.matched == 1
        (entry,) = (await service.get("/audit"))["data"]
        assert (entry["actor"], entry["action"]) == ("user", "user.provisioned")
        assert entry["subject"] == f"user:{ada.id}"


async def test_a_tombstone_is_not_revived(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    async with open_service(clerk_settings) as service:
        await service.process("user.deleted", ada.id)
        with clerk.faults.latency(0.001, path="/v1/users/{user_id}", may_miss=True) as watched:
            assert code(await ask(service, token_of(clerk, ada.id))) == (403, "user_deleted")
            assert watched.matched == 0
        assert (await service.user(ada.id))["active"] is False


async def test_a_deletion_that_is_applied_while_clerk_is_asked_wins(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    token = token_of(clerk, ada.id)
    async with open_service(clerk_settings) as service:
        with clerk.faults.latency(0.5, path="/v1/users/{user_id}"):
            asking = asyncio.create_task(ask(service, token))
            await service.process("user.deleted", ada.id)
            assert not asking.done()
            assert code(await asking) == (403, "user_deleted")
        assert (await service.user(ada.id))["active"] is False


async def test_somebody_whom_clerk_does_not_know_is_401_and_clerk_is_not_flooded(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    tokens = [token_of(clerk, ada.id) for _ in range(3)]
    clerk.users.delete(ada)
    async with open_service(clerk_settings) as service:
        with clerk.faults.latency(0.001, path="/v1/users/{user_id}") as watched:
            for token in tokens * 5:
                assert code(await ask(service, token)) == (401, "user_unknown")
            assert watched.matched == 1
        assert (await service.get("/users"))["data"] == []


async def test_forged_tokens_make_nobody_ask_clerk(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    session = clerk.sessions.create(ada)
    head, body, signature = clerk.sessions.token(session).split(".")
    forged = [
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        f"{head}.{body}.",
        clerk.sessions.odd_token(session, issuer="https://evil.example.com"),
        clerk.sessions.odd_token(session, iat_offset_s=-120),
    ]
    async with open_service(clerk_settings) as service:
        with clerk.faults.latency(0.001, path="/v1/users/{user_id}", may_miss=True) as watched:
            for token in forged:
                assert (await ask(service, token)).status_code == 401
            assert watched.matched == 0
        assert (await service.get("/users"))["data"] == []


async def test_while_clerk_is_down_known_users_come_in_and_unknown_ones_are_asked_to_wait(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada, ben = clerk.users.create("ada@example.com"), clerk.users.create("ben@example.com")
    of_ada, of_ben = token_of(clerk, ada.id), token_of(clerk, ben.id)
    patient = replace(clerk_settings, breaker_failures=3, breaker_reset_s=0.5)
    async with open_service(patient) as service:
        assert code(await ask(service, of_ada)) == (200, ada.id)
        with clerk.faults.server_error(503):
            for _ in range(10):
                assert code(await ask(service, of_ada)) == (200, ada.id)
                refused = await ask(service, of_ben)
                assert code(refused) == (503, "clerk_unavailable")
                assert int(refused.headers["retry-after"]) >= 1
            ready = await service.http.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert "503" in ready.json()["clerk"]
            metrics = (await service.http.get("/metrics")).text
            assert "clerk_api_breaker_state 2.0" in metrics
        await asyncio.sleep(0.5)  # the pause of the breaker
        assert code(await ask(service, of_ben)) == (200, ben.id)
        assert (await service.http.get("/health/ready")).json()["clerk"] == "ok"


@pytest.mark.parametrize("fault", ["slow", "429", "html"])
async def test_whatever_clerk_does_known_users_do_not_notice(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance, fault: str
) -> None:
    ada, ben = clerk.users.create("ada@example.com"), clerk.users.create("ben@example.com")
    of_ada, of_ben = token_of(clerk, ada.id), token_of(clerk, ben.id)
    faults = {
        "slow": clerk.faults.timeout,
        "429": lambda: clerk.faults.rate_limit(retry_after_s=7),
        "html": lambda: clerk.faults.server_error(502, speaker="gateway"),
    }
    async with open_service(clerk_settings) as service:
        assert code(await ask(service, of_ada)) == (200, ada.id)
        with faults[fault]():
            unknown = asyncio.create_task(ask(service, of_ben))
            started = time.monotonic()
            for _ in range(20):
                assert code(await ask(service, of_ada)) == (200, ada.id)
            assert time.monotonic() - started < 2
            refused = await unknown
            assert code(refused) == (503, "clerk_unavailable")
            if fault == "429":
                assert int(refused.headers["retry-after"]) == 7


async def test_without_the_key_a_user_waits_for_their_webhook(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    async with open_service(replace(clerk_settings, clerk_secret_key="")) as service:
        assert code(await ask(service, token_of(clerk, ada.id))) == (404, "user_not_synced")


async def test_a_user_who_is_locked_at_clerk_keeps_the_sessions_that_are_open(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    token = token_of(clerk, ada.id)
    clerk.call("POST", f"/users/{ada.id}/lock")
    async with open_service(clerk_settings) as service:
        answer = await ask(service, token)
        assert (answer.status_code, answer.json()["locked"]) == (200, True)


async def test_a_user_who_is_banned_at_clerk_is_refused_when_they_are_provisioned(
    clerk_settings: Settings, open_service: Any, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    token = token_of(clerk, ada.id)
    clerk.users.ban(ada)
    async with open_service(clerk_settings) as service:
        assert code(await ask(service, token)) == (403, "user_banned")
