"""1 to 9: users who come before their webhook, come back, or look like somebody else."""

import asyncio
from typing import Any

import pytest

from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


async def test_01_a_user_whom_no_webhook_told_of_is_let_in_and_is_in_the_database(
    story: Any,
) -> None:
    ada = story.clerk.users.create("ada@example.com", first_name="Ada")
    story.told()  # and none of it is ever delivered
    status, record = await story.me(ada)
    assert (status, record["clerk_id"], record["email"]) == (200, ada.id, "ada@example.com")
    assert await story.living() == story.at_clerk()


async def test_02_a_sign_in_that_overtakes_the_webhook_finds_its_user(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    assert (await story.me(ada))[0] == 200
    await story.carry(*story.told())
    assert (await story.me(ada))[0] == 200
    assert await story.effects() == [("welcome", ada.id)]


async def test_03_the_webhook_of_a_user_who_is_there_already_is_applied_and_not_refused(
    story: Any,
) -> None:
    ada = story.clerk.users.create("ada@example.com")
    (created,) = story.told("user.created")
    assert (await story.me(ada))[0] == 200
    assert await story.carry(created) == [State.APPLIED]
    assert (await story.service.row(created.id))["attempts"] == 1
    story.clerk.users.update(ada, first_name="Ada")
    assert await story.carry(*story.told("user.updated")) == [State.APPLIED]
    assert await story.living() == story.at_clerk()
    assert await story.effects() == [("welcome", ada.id)]


@pytest.mark.parametrize("order", ["told", "reversed"])
async def test_04_who_deletes_the_account_may_sign_up_again_with_the_same_address(
    story: Any, order: str
) -> None:
    first = story.clerk.users.create("ada@example.com")
    await story.carry(*story.told())
    story.clerk.users.delete(first)
    second = story.clerk.users.create("ada@example.com")
    messages = story.told()
    states = await story.carry(*(messages if order == "told" else messages[::-1]))
    assert set(states) <= {State.APPLIED, State.IGNORED}
    assert await story.living() == {second.id: ("ada@example.com", None)} == story.at_clerk()


async def test_05_who_comes_back_before_any_webhook_does_is_not_locked_out(story: Any) -> None:
    first = story.clerk.users.create("ada@example.com")
    await story.carry(*story.told())
    story.clerk.users.delete(first)
    second = story.clerk.users.create("ada@example.com")
    # Here the address still is the first one's: the deletion is on its way.
    status, record = await story.me(second)
    assert (status, record["clerk_id"], record["email"]) == (200, second.id, "ada@example.com")
    await story.carry(*story.told())
    assert (await story.me(second))[0] == 200
    assert await story.living() == story.at_clerk()


async def test_06_whatever_comes_at_once_of_one_clerk_id_is_one_account(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    story.clerk.users.update(ada, first_name="Ada")
    messages = story.told()
    for message in messages:
        await story.post(message)
    token = story.clerk.sessions.token(story.clerk.sessions.create(ada))
    await asyncio.gather(
        *(story.service.apply(message.id) for message in messages),
        *(story.ask("/users/me", token) for _ in range(5)),
    )
    rows = (await story.service.get("/users"))["data"]
    assert [row["clerk_id"] for row in rows] == [ada.id]
    assert await story.living() == story.at_clerk()
    assert await story.dead() == []


async def test_07_parallel_first_requests_all_get_in(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    token = story.clerk.sessions.token(story.clerk.sessions.create(ada))
    answers = await asyncio.gather(*(story.ask("/users/me", token) for _ in range(20)))
    assert {(status, record["clerk_id"]) for status, record in answers} == {(200, ada.id)}
    assert len((await story.service.get("/users"))["data"]) == 1


async def test_08_an_address_that_was_never_verified_opens_nobody_elses_account(
    story: Any,
) -> None:
    owner = story.clerk.users.create("ada@example.com", first_name="Owner")
    thief = story.clerk.users.create("thief@example.com", first_name="Thief")
    story.clerk.call(
        "POST",
        "/email_addresses",
        {"user_id": thief.id, "email_address": "ada@example.com", "verified": False},
    )
    await story.carry(*story.told())
    status, record = await story.me(thief)
    assert (status, record["clerk_id"], record["first_name"]) == (200, thief.id, "Thief")
    mine = await story.service.user(owner.id)
    assert (mine["email"], mine["first_name"]) == ("ada@example.com", "Owner")
    claimed = {
        email["email_address"]: email["verified"]
        for email in (await story.service.user(thief.id))["emails"]
    }
    assert claimed == {"thief@example.com": True, "ada@example.com": False}


async def test_09_users_without_an_address_get_none_made_up(story: Any) -> None:
    for name in ("ada1", "ben1"):
        body = {"username": name, "skip_password_requirement": True}
        story.clerk.call("POST", "/users", body)
    assert set(await story.carry(*story.told("user.created"))) == {State.APPLIED}
    rows = (await story.service.get("/users"))["data"]
    assert [(row["username"], row["email"], row["emails"]) for row in rows] == [
        ("ada1", None, []),
        ("ben1", None, []),
    ]
