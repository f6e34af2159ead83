"""Rules of the apply step, against real Postgres: whatever the order, the outcome is Clerk's."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

import pytest

from clerk_harness.waiting import eventually
from clerk_sync.config import Settings
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels - 1):
        inner = {"x": inner}
    return inner


async def test_a_created_user_is_there_and_welcomed_once(service: Any) -> None:
    svix_id = await service.deliver("user.created", public_metadata={"plan": "pro\x00"})
    assert await service.apply(svix_id) is State.APPLIED
    user = await service.user()
    assert user["email"] == "user_1@example.com"
    assert user["emails"] == [
        {"email_address": "user_1@example.com", "verified": True, "primary": True}
    ]
    assert user["public_metadata"] == {"plan": "pro\x00"}
    assert (user["active"], user["clerk_updated_at"]) == (True, 1000)
    assert await service.effects() == [(svix_id, "welcome")]
    row = await service.row(svix_id)
    assert (row["state"], row["attempts"], row["applications"]) == ("applied", 1, 1)
    assert row["applied_at"] >= row["received_at"]


async def test_null_and_missing_optional_fields_are_the_normal_case(service: Any) -> None:
    nothing = dict.fromkeys(
        ("first_name", "image_url", "public_metadata", "email_addresses", "banned", "created_at")
    )
    assert await service.process("user.created", **nothing) is State.APPLIED
    user = await service.user()
    assert (user["email"], user["emails"], user["public_metadata"]) == (None, [], {})


async def test_a_newer_version_replaces_the_whole_record(service: Any) -> None:
    await service.process("user.created", unsafe_metadata={"a": 1})
    await service.process("user.updated", version=2000, email_addresses=[], first_name=None)
    user = await service.user()
    assert (user["first_name"], user["emails"], user["unsafe_metadata"]) == (None, [], {})


async def test_a_stale_update_changes_nothing(service: Any) -> None:
    await service.process("user.created")
    await service.process("user.updated", version=3000)
    stale = await service.deliver("user.updated", version=2000)
    assert await service.apply(stale) is State.IGNORED_STALE
    assert (await service.user())["clerk_updated_at"] == 3000
    assert (await service.row(stale))["applications"] == 0


async def test_every_order_of_a_life_ends_in_the_same_tombstone(service: Any) -> None:
    life = [
        ("user.created", 1000),
        ("user.updated", 2000),
        ("user.updated", 3000),
        ("user.deleted", 4000),
    ]
    for number, order in enumerate(itertools.permutations(life)):
        for kind, version in order:
            await service.process(kind, f"user_{number}", version)
        user = await service.user(f"user_{number}")
        assert (user["active"], user["emails"], user["email"]) == (False, [], None), order
        assert user["deleted_at"] is not None


async def test_every_order_of_updates_ends_at_the_newest(service: Any) -> None:
    life = [("user.created", 1000), ("user.updated", 2000), ("user.updated", 3000)]
    for number, order in enumerate(itertools.permutations(life)):
        for kind, version in order:
            await service.process(kind, f"user_{number}", version)
        assert (await service.user(f"user_{number}"))["first_name"] == "Version 3000", order


async def test_a_delete_before_the_create_leaves_a_tombstone_that_nothing_revives(
    service: Any,
) -> None:
    assert await service.process("user.deleted") is State.APPLIED
    assert await service.process("user.created") is State.IGNORED_STALE
    assert await service.process("user.updated", version=9000) is State.IGNORED_STALE
    assert (await service.user())["active"] is False
    assert [kind for _, kind in await service.effects()] == ["goodbye"]


async def test_the_email_of_a_deleted_user_is_free_for_the_next_one(service: Any) -> None:
    address = {"id": "idn_1", "email_address": "same@example.com"}
    await service.process("user.created", "user_1", email_addresses=[address])
    await service.process("user.deleted", "user_1")
    assert (
        await service.process("user.created", "user_2", email_addresses=[address]) is State.APPLIED
    )
    assert (await service.user("user_2"))["email"] == "same@example.com"


@pytest.mark.parametrize("first", ["user_1", "user_2"])
async def test_two_users_may_swap_their_emails_in_either_order(service: Any, first: str) -> None:
    await service.process("user.created", "user_1")
    await service.process("user.created", "user_2")
    other = {"user_1": "user_2", "user_2": "user_1"}
    for clerk_id in (first, other[first]):
        address = {"id": "idn_1", "email_address": f"{other[clerk_id]}@example.com"}
        state = await service.process(
            "user.updated", clerk_id, version=2000, email_addresses=[address]
        )
        assert state is State.APPLIED
    assert (await service.user("user_1"))["email"] == "user_2@example.com"
    assert (await service.user("user_2"))["email"] == "user_1@example.com"


async def test_on_a_tie_clerk_is_asked_and_its_answer_stands(
    service: Any, clerk_double: Any
) -> None:
    await service.process("user.created", first_name="From the first")
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1000, "first_name": "From Clerk"}
    assert await service.process("user.updated", first_name="From the second") is State.APPLIED
    assert (await service.user())["first_name"] == "From Clerk"
    assert clerk_double.asked == ["/v1/users/user_1"]


async def test_on_a_tie_a_user_unknown_to_clerk_is_deleted(service: Any) -> None:
    await service.process("user.created")
    await service.process("user.updated", first_name="From the second")
    assert (await service.user())["active"] is False


async def test_without_clerk_a_tie_is_tried_again_until_it_is_dead_and_can_be_replayed(
    settings: Settings, open_service: Any, clerk_double: Any
) -> None:
    unreachable = replace(settings, clerk_api_url="http://127.0.0.1:9/v1", retry_base_s=0.001)
    async with open_service(unreachable) as service:
        await service.process("user.created")
        tied = await service.deliver("user.updated", first_name="B")
        states: list[State] = []
        async with asyncio.timeout(10):
            while len(states) < 3:
                state = await service.apply(tied)
                states.extend([state] if state is not None else [])
        assert states == [State.FAILED, State.FAILED, State.DEAD]
        row = await service.row(tied)
        assert (row["attempts"], row["applications"]) == (3, 0)
        assert "no answer from Clerk's API" in row["last_error"]
        assert await service.apply(tied) is None
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1000, "first_name": "B"}
    async with open_service(settings) as service:
        answer = await service.http.post(f"/inbox/{tied}/replay", headers=OPERATOR)
        assert answer.status_code == 202
        assert await service.apply(tied) is State.APPLIED
        assert (await service.user())["first_name"] == "B"
        again = await service.http.post(f"/inbox/{tied}/replay", headers=OPERATOR)
        assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": None}, "data.id"),
        ({"id": 7}, "data.id"),
        ({"id": "user_\x00"}, "data.id"),
        ({"updated_at": None}, "data.updated_at"),
        ({"updated_at": "yesterday"}, "data.updated_at"),
        ({"updated_at": True}, "data.updated_at"),
        ({"updated_at": 2**63}, "data.updated_at"),
        ({"first_name": 1}, "data.first_name"),
        ({"first_name": "\x00"}, "data.first_name"),
        ({"id": "u" * 256}, "data.id"),
        ({"unsafe_metadata": nested(201)}, "data.unsafe_metadata"),
        ({"public_metadata": []}, "data.public_metadata"),
        ({"email_addresses": {}}, "data.email_addresses"),
        ({"email_addresses": [7]}, "data.email_addresses[0]"),
        (
            {"email_addresses": [{"email_address": "a@example.com", "verification": 5}]},
            "data.email_addresses[0].verification",
        ),
        (
            {"email_addresses": [{"email_address": "a" * 256}]},
            "data.email_addresses[0].email_address",
        ),
        ({"email_addresses": [{}]}, "data.email_addresses[0].email_address"),
    ],
    ids=lambda given: repr(given)[:60],
)
async def test_a_payload_that_breaks_the_model_is_dead_with_the_field_named(
    service: Any, change: dict[str, Any], field: str
) -> None:
    svix_id = await service.deliver("user.created", **change)
    assert await service.apply(svix_id) is State.DEAD
    assert (await service.row(svix_id))["last_error"].startswith(f"{field} ")
    assert (await service.get("/users"))["data"] == []


async def test_metadata_as_deep_as_is_kept_can_be_read(service: Any) -> None:
    svix_id = await service.deliver("user.created", unsafe_metadata=nested(200))
    assert await service.apply(svix_id) is State.APPLIED
    assert (await service.user())["unsafe_metadata"] == nested(200)


async def test_an_unknown_event_type_is_kept_and_ignored(service: Any) -> None:
    svix_id = await service.deliver("waitlistEntry.created", "wl_1")
    assert await service.apply(svix_id) is State.IGNORED
    assert (await service.row(svix_id))["state"] == "ignored"


async def test_many_workers_on_one_webhook_apply_it_once(service: Any) -> None:
    svix_id = await service.deliver("user.created")
    outcomes = await asyncio.gather(*[service.apply(svix_id) for _ in range(8)])
    assert [state for state in outcomes if state] == [State.APPLIED]
    row = await service.row(svix_id)
    assert (row["applications"], row["attempts"]) == (1, 1)
    assert len(await service.effects()) == 1


async def test_many_workers_on_one_user_end_at_the_newest_version(service: Any) -> None:
    sent = [await service.deliver("user.updated", version=version) for version in range(1, 31)]
    await asyncio.gather(*[service.apply(svix_id) for svix_id in reversed(sent)])
    assert (await service.user())["clerk_updated_at"] == 30


async def test_a_worker_that_outlived_its_lease_cannot_apply_a_second_time(
    settings: Settings, open_service: Any, clerk_double: Any
) -> None:
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1000, "first_name": "Clerk"}
    # The lease is far too short on purpose; the configuration would refuse it.
    careless = replace(settings, lease_s=0.05, max_attempts=50)
    async with open_service(careless) as service:
        await service.process("user.created")
        tied = await service.deliver("user.updated", first_name="From the second")
        clerk_double.gate.clear()
        slow = asyncio.ensure_future(service.apply(tied))
        await asyncio.to_thread(_until, lambda: clerk_double.asked)
        rescuer = asyncio.ensure_future(_until_claimed(service, tied))
        await rescuer
        clerk_double.gate.set()
        await slow
        async with asyncio.timeout(10):
            while (await service.row(tied))["state"] != "applied":
                await service.apply(tied)
        row = await service.row(tied)
        assert row["applications"] == 1
        assert row["attempts"] > 1


async def _until_claimed(service: Any, svix_id: str) -> None:
    """Claim the row again as soon as its lease ran out, and give up while Clerk is silent."""
    second = asyncio.ensure_future(service.apply(svix_id))
    async with asyncio.timeout(10):
        while (await service.row(svix_id))["attempts"] < 2:
            if second.done():
                second = asyncio.ensure_future(service.apply(svix_id))
    second.cancel()
    await asyncio.wait([second])


def _until(check: Any) -> None:
    eventually(check, within=5)


async def test_sessions_that_ended_stay_ended_whatever_the_order(service: Any) -> None:
    for kind in ("session.ended", "session.removed", "session.revoked"):
        state = await service.process(kind, f"sess_{kind}", user_id="user_1", status="ended")
        assert state is State.APPLIED
    assert await service.process("session.created", "sess_1", user_id="user_1") is State.IGNORED
