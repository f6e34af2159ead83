"""Every event type of Clerk's catalogue, as the fake Clerk sends it, has an outcome on purpose."""

import json
from typing import Any

import pytest

from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_harness.clerk import ClerkInstance
from clerk_harness.recipes import Wishes, bring_about, recipe_of
from clerk_sync.service.nouns import NOUNS
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio

_APPLIED = """
user.created user.updated user.deleted
session.created session.pending session.ended session.removed session.revoked
organization.created organization.updated organization.deleted
organizationMembership.created organizationMembership.updated organizationMembership.deleted
organizationInvitation.created organizationInvitation.accepted organizationInvitation.revoked
role.created role.updated role.deleted
""".split()  # noqa: SIM905 - 20 quoted names would hide how they belong together
APPLIED = frozenset(_APPLIED)
NEWER_THAN_THE_CATALOGUE = {f"invitation.{what}" for what in ("created", "accepted", "revoked")}


async def test_every_event_type_is_applied_or_ignored_and_none_is_dead(
    service: Any, clerk: ClerkInstance
) -> None:
    outcomes = {}
    for event_type in sorted(EVENT_TYPES):
        recipe = recipe_of(event_type)
        assert recipe is not None, event_type
        message = bring_about(clerk, recipe, Wishes())
        svix_id, _ = await service.post_whole(json.loads(message.payload), svix_id=message.id)
        outcomes[event_type] = await service.apply(svix_id)
    assert outcomes == {
        event_type: State.APPLIED if event_type in APPLIED else State.IGNORED
        for event_type in EVENT_TYPES
    }


async def test_no_noun_waits_for_an_event_type_that_clerk_does_not_have() -> None:
    waited_for = {each for noun in NOUNS for each in noun.carried_by | noun.deleted_by}
    assert waited_for - NEWER_THAN_THE_CATALOGUE == APPLIED


async def test_a_sign_in_moves_the_time_of_the_last_one_without_a_new_version(
    service: Any, clerk_double: Any
) -> None:
    user = {"id": "user_1", "first_name": "Ada", "created_at": 1, "updated_at": 1000}
    await service.process("user.created", **user | {"last_name": None, "email_addresses": []})
    signed_in = {"user": user | {"last_sign_in_at": 3000}}
    assert await service.process("session.created", "sess_1", **signed_in) is State.APPLIED
    found = await service.user()
    assert (found["last_sign_in_at"], found["clerk_updated_at"]) == (3000, 1000)
    # Neither an earlier sign-in nor a change that was made before this one takes it back.
    earlier = {"user": user | {"last_sign_in_at": 2000}}
    await service.process("session.pending", "sess_2", **earlier)
    await service.process("user.updated", version=2500, last_sign_in_at=None)
    assert (await service.user())["last_sign_in_at"] == 3000
    assert clerk_double.asked == []


async def test_a_sign_in_may_be_the_first_that_is_heard_of_a_user(service: Any) -> None:
    user = {"id": "user_1", "updated_at": 1000, "last_sign_in_at": 900}
    assert await service.process("session.created", "sess_1", user=user) is State.APPLIED
    created = await service.deliver("user.created", last_sign_in_at=900, **_same_as(user))
    assert await service.apply(created) is State.APPLIED
    assert await service.effects() == [(created, "welcome")]


def _same_as(user: dict[str, Any]) -> dict[str, Any]:
    return {"first_name": None, "email_addresses": [], "created_at": user.get("created_at")}


@pytest.mark.parametrize("session", [{}, {"user": None}])
async def test_a_session_that_does_not_say_whose_it_is_is_ignored(
    service: Any, session: dict[str, Any]
) -> None:
    assert await service.process("session.created", "sess_1", **session) is State.IGNORED


@pytest.mark.parametrize(
    ("user", "field"),
    [(7, "data.user"), ({"id": "user_1"}, "data.user.updated_at"), ({"id": 7}, "data.user.id")],
)
async def test_what_breaks_the_model_is_named_with_the_place_of_the_user(
    service: Any, user: Any, field: str
) -> None:
    svix_id = await service.deliver("session.created", "sess_1", user=user)
    assert await service.apply(svix_id) is State.DEAD
    assert (await service.row(svix_id))["last_error"].startswith(f"{field} is ")


async def test_nobody_comes_back_to_life_by_a_sign_in(service: Any) -> None:
    await service.process("user.deleted")
    user = {"id": "user_1", "updated_at": 1000, "last_sign_in_at": 900}
    assert await service.process("session.created", "sess_1", user=user) is State.IGNORED_STALE
    assert (await service.user())["active"] is False
