"""17, 18 and 20 to 25: what is answered to a delivery, and what that answer is worth."""

import asyncio
import json
from typing import Any

import psycopg
import pytest
from wire import event

from clerk_harness.stack import Stack
from clerk_harness.waiting import eventually
from clerk_sync.config import Role, read_settings
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio

ELSEWHERE = "whsec_bm90LWEtc2VjcmV0LW9mLWFueWJvZHktYXQtYWxs"


async def test_17_what_postgres_did_not_take_is_not_acknowledged_and_is_taken_later(
    mortal_env: dict[str, str], mortal: Stack, open_service: Any
) -> None:
    async with open_service(read_settings(Role.API, mortal_env)) as service:
        mortal.postgres.kill()
        try:
            svix_id, refused = await service.post("user.created")
        finally:
            mortal.postgres.restart()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert await service.deliver("user.created", svix_id=svix_id) == svix_id
        assert await service.apply(svix_id) is State.APPLIED


async def test_18_without_postgres_a_genuine_delivery_is_told_from_a_forged_one(
    mortal_env: dict[str, str], mortal: Stack, open_service: Any, signed: Any
) -> None:
    async with open_service(read_settings(Role.API, mortal_env)) as service:
        mortal.postgres.kill()
        try:
            _, genuine = await service.post("user.created")
            body = json.dumps(event("user.created", "user_1", 1000))
            headers = signed(body, "msg_forged", secret=ELSEWHERE)
            forged = await service.http.post("/webhooks/clerk", content=body, headers=headers)
        finally:
            mortal.postgres.restart()
        assert (genuine.status_code, genuine.json()["error"]["code"]) == (503, "store_unavailable")
        assert (forged.status_code, forged.json()["error"]["code"]) == (400, "bad_signature")


async def test_20_what_is_acknowledged_is_kept_under_its_id_until_its_effect_is_there(
    service: Any,
) -> None:
    svix_id = await service.deliver("user.created")
    row = await service.row(svix_id)
    assert (row["svix_id"], row["state"], row["applications"]) == (svix_id, "received", 0)
    assert await service.effects() == []
    assert await service.apply(svix_id) is State.APPLIED
    assert await service.effects() == [(svix_id, "welcome")]


async def test_21_the_bytes_are_verified_as_they_came(service: Any, signed: Any) -> None:
    whole = event("user.created", "user_1", 1000, first_name="Zoë\u2028 \U0001f9ea", a=1.0, b=1e2)
    bodies = [
        json.dumps(whole, indent=3),
        json.dumps(whole, separators=(" ,", " :\t"), ensure_ascii=False),
        json.dumps(whole, sort_keys=True).replace("1000", "1e3") + " \r\n",
    ]
    for number, body in enumerate(bodies):
        headers = signed(body, f"msg_{number}")
        answer = await service.http.post("/webhooks/clerk", content=body.encode(), headers=headers)
        assert answer.status_code == 204, body


async def test_22_a_forged_deletion_deletes_nobody(service: Any, signed: Any) -> None:
    await service.process("user.created")
    body = json.dumps(event("user.deleted", "user_1", 2000))
    unsigned = {"content-type": "application/json"}
    genuine = signed(body, "msg_1")
    other_body = signed(body.replace("user_1", "user_2"), "msg_1")
    for headers in (
        unsigned,
        signed(body, "msg_1", secret=ELSEWHERE),
        other_body,
        genuine | {"svix-id": "msg_2"},
        genuine | {"svix-signature": "v1,"},
    ):
        answer = await service.http.post("/webhooks/clerk", content=body, headers=headers)
        assert answer.status_code == 400
    assert len((await service.get("/inbox"))["data"]) == 1
    assert (await service.user())["active"] is True


async def test_23_a_webhook_needs_no_session_and_minds_none(service: Any, signed: Any) -> None:
    for number, authorization in enumerate([{}, {"authorization": "Bearer nonsense"}]):
        body = json.dumps(event("user.created", f"user_{number}", 1000))
        headers = signed(body, f"msg_{number}") | authorization
        answer = await service.http.post("/webhooks/clerk", content=body, headers=headers)
        assert answer.status_code == 204


async def test_24_a_replay_within_the_tolerance_has_no_second_effect(service: Any) -> None:
    svix_id = await service.deliver("user.created")
    await service.apply(svix_id)
    for _ in range(3):
        assert await service.deliver("user.created", svix_id=svix_id) == svix_id
        assert await service.apply(svix_id) is None
    row = await service.row(svix_id)
    assert (row["applications"], row["deliveries"]) == (1, 4)
    # Nor has the same event under another id, as when it is sent by hand.
    assert await service.process("user.created") is State.APPLIED
    assert await service.effects() == [(svix_id, "welcome")]


async def test_25_a_duplicate_of_what_is_not_committed_yet_shares_its_fate(
    service: Any, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as other:
        with psycopg.connect(database_url) as jam:
            jam.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
            first = asyncio.create_task(service.post("user.created", svix_id="msg_1"))
            waiting = (
                "SELECT pid FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            pid = await asyncio.to_thread(
                eventually, lambda: other.execute(waiting).fetchone(), within=3
            )
            second = asyncio.create_task(service.post("user.created", svix_id="msg_1"))
            other.execute("SELECT pg_terminate_backend(%s)", pid)
            outcomes = [(await first)[1].status_code]
        outcomes.append((await second)[1].status_code)
    inbox = {row["svix_id"] for row in (await service.get("/inbox"))["data"]}
    assert outcomes[0] == 503
    # Whoever is told that it is taken finds it taken.
    assert outcomes[1] == (204 if inbox else 503)
    await service.deliver("user.created", svix_id="msg_1")
    assert await service.apply("msg_1") is State.APPLIED


async def test_25_a_duplicate_of_what_fails_is_no_reason_to_forget_it(
    story: Any,
) -> None:
    ada = story.clerk.users.create("ada@example.com", first_name="Ada")
    (created,) = story.told("user.created")
    await story.carry(created)
    # The same millisecond, another content: only Clerk can tell, and Clerk is down.
    with story.clerk.faults.server_error(503):
        svix_id, _ = await story.service.post(
            "user.updated", ada.id, created.version, first_name="Eve"
        )
        assert await story.service.apply(svix_id) is State.FAILED
        await story.service.deliver(
            "user.updated", ada.id, created.version, svix_id=svix_id, first_name="Eve"
        )
    async with asyncio.timeout(20):
        while (await story.service.row(svix_id))["state"] != "applied":
            await story.service.apply(svix_id)
    assert await story.living() == {ada.id: ("ada@example.com", "Ada")}
