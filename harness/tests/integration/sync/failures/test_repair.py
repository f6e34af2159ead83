"""13, 16 and 19: what Clerk told in vain is found by asking it."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.service.repair.repairs import BACKFILL, RECONCILE, Outcome, Repairs, Wish
from clerk_sync.states import State
from clerk_sync.store.session import connect

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}


async def repair(settings: Settings, kind: str) -> Outcome:
    """Do what ``clerk-sync reconcile`` and ``backfill`` do."""
    async with AsyncExitStack() as stack:
        engine = connect(settings.database_url, pool_size=5, application="test")
        stack.push_async_callback(engine.dispose)
        http = await stack.enter_async_context(open_http())
        clerk = ClerkApi(
            http, base_url=settings.clerk_api_url, secret_key=settings.clerk_secret_key
        )
        return await Repairs(engine, clerk).run(Wish(kind, grace_s=0))


async def members(story: Any, organization_id: str) -> dict[str, str]:
    found = (await story.service.get(f"/organizations/{organization_id}/members"))["data"]
    return {member["user_id"]: member["role"] for member in found}


@pytest.mark.parametrize("kind", [RECONCILE, BACKFILL])
async def test_13_no_repair_puts_a_deleted_user_back(
    story: Any, clerk_settings: Settings, kind: str
) -> None:
    ada = story.clerk.users.create("ada@example.com")
    ben = story.clerk.users.create("ben@example.com")
    story.told()
    with story.clerk.faults.stale_reads(30, path="/v1/users"):
        story.clerk.users.delete(ada)
        await story.carry(*story.told("user.deleted"))
        # Clerk's lists are behind, and still have her.
        assert ada.id in story.at_clerk()
        await repair(clerk_settings, kind)
    assert await story.living() == {ben.id: ("ben@example.com", None)} == story.at_clerk()
    assert (await story.service.user(ada.id))["active"] is False


async def test_16_months_without_webhooks_are_found_and_repaired(
    story: Any, clerk_settings: Settings
) -> None:
    users = [story.clerk.users.create(f"user{number}@example.com") for number in range(8)]
    acme = story.clerk.organizations.create("Acme", created_by=users[0].id)
    story.clerk.organizations.add_member(acme, users[1])
    story.clerk.organizations.add_member(acme, users[2])
    await story.carry(*story.told())
    # From here on nobody listens.
    story.clerk.users.create("new@example.com")
    story.clerk.users.update(users[3], first_name="Changed")
    story.clerk.users.delete(users[4])
    story.clerk.users.ban(users[5])
    body = {"role": "org:admin"}
    story.clerk.call("PATCH", f"/organizations/{acme.id}/memberships/{users[1].id}", body)
    story.clerk.organizations.remove_member(acme, users[2])
    story.clerk.organizations.add_member(acme, users[6])
    first = await repair(clerk_settings, RECONCILE)
    assert await story.living() == story.at_clerk()
    assert (await story.service.user(users[5].id))["banned"] is True
    assert await members(story, acme.id) == {
        users[0].id: "org:admin",
        users[1].id: "org:admin",
        users[6].id: "org:member",
    }
    assert first.progress.drift >= 7
    second = await repair(clerk_settings, RECONCILE)
    assert second.progress.drift == 0


async def test_19_what_was_given_up_and_what_never_came_can_be_put_right(
    story: Any, clerk_settings: Settings
) -> None:
    ada = story.clerk.users.create("ada@example.com", first_name="Ada")
    (created,) = story.told("user.created")
    await story.carry(created)
    # Only Clerk could settle this one, and Clerk is down until nobody tries any more.
    svix_id = await story.service.deliver("user.updated", ada.id, created.version, first_name="Eve")
    with story.clerk.faults.server_error(503):
        state = None
        while state is not State.DEAD:
            state = await story.service.apply(svix_id) or state
    answer = await story.service.http.post(f"/inbox/{svix_id}/replay", headers=OPERATOR)
    assert answer.status_code == 202
    assert await story.service.apply(svix_id) is State.APPLIED
    # And this one never came: she could not get in, were there no other way.
    ben = story.clerk.users.create("ben@example.com")
    story.told()
    assert (await story.me(ben))[0] == 200
    story.clerk.users.create("cem@example.com")
    story.told()
    await repair(clerk_settings, BACKFILL)
    assert await story.living() == story.at_clerk()
