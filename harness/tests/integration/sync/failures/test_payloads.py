"""27 to 29: what is null, and what is left of those who are deleted."""

import json
from dataclasses import replace
from typing import Any

import pytest

from clerk_harness.clerk import Message
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


def _without(message: Message, field: str, how: str) -> Message:
    whole = json.loads(message.payload)
    whole["data"][field] = None
    if how == "missing":
        del whole["data"][field]
    return replace(message, payload=json.dumps(whole))


@pytest.mark.parametrize("how", ["null", "missing"])
async def test_27_a_user_without_a_first_name_is_a_user(story: Any, how: str) -> None:
    ada = story.clerk.users.create("ada@example.com", last_name="Lovelace")
    (created,) = story.told("user.created")
    assert await story.carry(_without(created, "first_name", how)) == [State.APPLIED]
    record = (await story.me(ada))[1]
    assert (record["first_name"], record["last_name"]) == (None, "Lovelace")


@pytest.mark.parametrize("how", ["null", "missing"])
async def test_28_a_user_without_an_image_is_a_user(story: Any, how: str) -> None:
    ada = story.clerk.users.create("ada@example.com")
    (created,) = story.told("user.created")
    assert await story.carry(_without(created, "image_url", how)) == [State.APPLIED]
    assert (await story.me(ada))[1]["image_url"] is None


async def test_29_a_deletion_takes_nothing_along_that_an_operator_may_want_back(
    story: Any,
) -> None:
    ada = story.clerk.users.create(
        "ada@example.com", first_name="Ada", public_metadata={"plan": "pro"}, external_id="42"
    )
    acme = story.clerk.organizations.create("Acme", created_by=ada.id)
    await story.carry(*story.told())
    story.clerk.users.delete(ada)
    story.clerk.organizations.delete(acme)
    await story.carry(*story.told())
    left = await story.service.user(ada.id)
    assert (left["active"], left["first_name"], left["external_id"]) == (False, "Ada", "42")
    assert left["public_metadata"] == {"plan": "pro"}
    assert left["deleted_at"] is not None
    (membership,) = (await story.service.get("/memberships"))["data"]
    assert (membership["active"], membership["user_id"]) == (False, ada.id)
    assert (membership["organization_id"], membership["role"]) == (acme.id, "org:admin")
    organization = await story.service.get(f"/organizations/{acme.id}")
    assert (organization["active"], organization["name"]) == (False, "Acme")
    # What follows from it is an entry in the outbox; whoever works it off may hold it back.
    assert ("goodbye", ada.id) in await story.effects()
