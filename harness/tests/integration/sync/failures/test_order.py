"""10 to 13, 15, 26 and 30: events that come late, twice, or at the same millisecond."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


async def test_10_an_older_update_that_comes_late_leaves_the_newer_address(story: Any) -> None:
    ada = story.clerk.users.create("old@example.com")
    await story.carry(*story.told())
    story.clerk.users.update(ada, first_name="Ada")
    story.clerk.users.add_email(ada, "new@example.com", primary=True)
    older, *newer = story.told("user.updated")
    await story.carry(*newer)
    assert await story.carry(older) == [State.IGNORED_STALE]
    assert (await story.living())[ada.id] == ("new@example.com", "Ada")
    assert await story.living() == story.at_clerk()


async def test_11_an_update_that_comes_after_the_deletion_brings_nobody_back(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    story.clerk.users.update(ada, first_name="Ada")
    updated = story.told()
    story.clerk.users.delete(ada)
    await story.carry(*story.told("user.deleted"))
    assert set(await story.carry(*updated)) == {State.IGNORED_STALE}
    assert await story.living() == {}
    assert (await story.service.user(ada.id))["active"] is False


async def test_12_the_late_end_of_a_membership_leaves_the_one_after_it(story: Any) -> None:
    boss = story.clerk.users.create("boss@example.com")
    ada = story.clerk.users.create("ada@example.com")
    acme = story.clerk.organizations.create("Acme", created_by=boss.id)
    story.clerk.organizations.add_member(acme, ada)
    await story.carry(*story.told())
    story.clerk.organizations.remove_member(acme, ada)
    story.clerk.organizations.add_member(acme, ada, role="org:admin")
    ended, joined = story.told()
    assert (ended.event_type, joined.event_type) == (
        "organizationMembership.deleted",
        "organizationMembership.created",
    )
    assert await story.carry(joined, ended) == [State.APPLIED, State.APPLIED]
    assert await _members(story, acme.id) == {boss.id: "org:admin", ada.id: "org:admin"}
    token = story.clerk.sessions.token(story.clerk.sessions.create(ada))
    assert (await story.ask(f"/organizations/{acme.id}/members", token))[0] == 200


async def test_13_a_deletion_that_comes_before_the_creation_is_the_last_word(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    created = story.told()
    story.clerk.users.delete(ada)
    assert await story.carry(*story.told("user.deleted")) == [State.APPLIED]
    assert set(await story.carry(*created)) == {State.IGNORED_STALE}
    assert await story.living() == {} == story.at_clerk()
    assert await story.effects() == [("goodbye", ada.id)]


async def test_15_a_change_of_role_and_the_end_of_a_membership_count_at_once(story: Any) -> None:
    boss = story.clerk.users.create("boss@example.com")
    ada = story.clerk.users.create("ada@example.com")
    acme = story.clerk.organizations.create("Acme", created_by=boss.id)
    story.clerk.organizations.add_member(acme, ada, role="org:admin")
    token = story.clerk.sessions.token(story.clerk.sessions.create(ada))
    await story.carry(*story.told())
    body = {"role": "org:member"}
    story.clerk.call("PATCH", f"/organizations/{acme.id}/memberships/{ada.id}", body)
    await story.carry(*story.told())
    assert (await _members(story, acme.id))[ada.id] == "org:member"
    story.clerk.organizations.remove_member(acme, ada)
    await story.carry(*story.told())
    assert await _members(story, acme.id) == {boss.id: "org:admin"}
    assert (await story.ask(f"/organizations/{acme.id}/members", token))[0] == 403


async def test_26_two_events_of_one_user_are_two_events(story: Any) -> None:
    ada = story.clerk.users.create("ada@example.com")
    story.clerk.users.update(ada, first_name="Ada")
    story.clerk.users.update(ada, first_name="Ada Maria")
    messages = [each for each in story.told() if each.event_type.startswith("user.")]
    assert len({message.object_id for message in messages}) == 1
    assert await story.carry(*messages) == [State.APPLIED] * 3
    assert (await story.living())[ada.id] == ("ada@example.com", "Ada Maria")


@pytest.mark.parametrize("first", ["old", "new"])
async def test_30_of_two_events_of_one_millisecond_clerk_says_which_counts(
    story: Any, first: str
) -> None:
    ada = story.clerk.users.create("ada@example.com")
    story.clerk.users.update(ada, first_name="New")
    created, updated = [each for each in story.told() if each.event_type.startswith("user.")]
    # Clerk's real versions of one record differ; here the older event claims the newer one's.
    whole = orjson.loads(created.payload)
    whole["data"]["updated_at"] = updated.version
    older = replace(created, payload=orjson.dumps(whole).decode())
    order = (older, updated) if first == "old" else (updated, older)
    assert await story.carry(*order) == [State.APPLIED, State.APPLIED]
    assert await story.living() == {ada.id: ("ada@example.com", "New")} == story.at_clerk()


async def _members(story: Any, organization_id: str) -> dict[str, str]:
    found = (await story.service.get(f"/organizations/{organization_id}/members"))["data"]
    return {member["user_id"]: member["role"] for member in found}
