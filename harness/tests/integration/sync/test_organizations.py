"""Organizations, memberships, roles and invitations: whatever the order, the outcome is Clerk's."""

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from wire import event

from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


async def records(service: Any, path: str) -> dict[str, Any]:
    return {record["clerk_id"]: record for record in (await service.get(path))["data"]}


async def members(service: Any, organization: str = "org_1") -> dict[str, str]:
    found = (await service.get(f"/organizations/{organization}/members"))["data"]
    return {member["user_id"]: member["role"] for member in found}


async def test_every_order_of_an_organizations_life_ends_in_the_same_tombstone(
    service: Any,
) -> None:
    life = [("created", 1000), ("updated", 2000), ("deleted", 3000)]
    for number, order in enumerate(itertools.permutations(life)):
        for what, version in order:
            await service.process(f"organization.{what}", f"org_{number}", version)
        found = await service.get(f"/organizations/org_{number}")
        assert (found["active"], found["deleted_at"] is None) == (False, False), order


async def test_an_organization_is_kept_with_all_that_is_told_of_it(service: Any) -> None:
    await service.process("organization.created", "org_1")
    await service.process("organization.updated", "org_1", 3000)
    assert await service.process("organization.updated", "org_1", 2000) is State.IGNORED_STALE
    found = (await records(service, "/organizations"))["org_1"]
    del found["applied_svix_id"]
    assert found == {
        "clerk_id": "org_1",
        "name": "Version 3000",
        "slug": "org_1",
        "image_url": None,
        "created_by": None,
        "max_allowed_memberships": 5,
        "public_metadata": {},
        "private_metadata": {"plan": "secret"},
        "clerk_created_at": 1000,
        "clerk_updated_at": 3000,
        "active": True,
        "deleted_at": None,
    }


async def test_every_order_of_leaving_and_joining_again_ends_with_the_second_membership(
    service: Any,
) -> None:
    for number, order in enumerate(
        itertools.permutations([("a", "created"), ("a", "deleted"), ("b", "created")])
    ):
        first, second = f"orgmem_{number}_2_a", f"orgmem_{number}_2_b"
        for which, what in order:
            await service.process(
                f"organizationMembership.{what}",
                {"a": first, "b": second}[which],
                {"created": 1000, "deleted": 2000}[what] if which == "a" else 3000,
            )
        found = await records(service, "/memberships")
        assert (found[first]["active"], found[second]["active"]) == (False, True), order
        assert await members(service, f"org_{number}") == {"user_2": "org:member"}, order


async def test_a_missed_end_does_not_keep_a_user_from_joining_again(service: Any) -> None:
    await service.process("organizationMembership.created", "orgmem_1_2_a", 1000)
    await service.process("organizationMembership.created", "orgmem_1_2_b", 3000)
    found = await records(service, "/memberships")
    assert (found["orgmem_1_2_a"]["active"], found["orgmem_1_2_b"]["active"]) == (False, True)
    # What is heard of the first one from now on changes nothing.
    stale = await service.process("organizationMembership.updated", "orgmem_1_2_a", 2000)
    assert stale is State.IGNORED_STALE


async def test_the_end_of_a_membership_keeps_what_was_known_and_what_it_tells(
    service: Any,
) -> None:
    await service.process("organizationMembership.created", "orgmem_1_2")
    await service.process("organizationMembership.deleted", "orgmem_1_2", 2000)
    await service.process("organizationMembership.deleted", "orgmem_1_3", 2000)
    await service.process("organizationMembership.deleted", "orgmem_1_4", updated_at=None)
    found = await records(service, "/memberships")
    assert {name: found[name]["user_id"] for name in found} == {
        "orgmem_1_2": "user_2",
        "orgmem_1_3": "user_3",
        "orgmem_1_4": None,
    }
    assert {found[name]["active"] for name in found} == {False}


async def test_members_go_with_their_organization_though_their_own_ends_never_come(
    service: Any,
) -> None:
    await service.process("organizationMembership.created", "orgmem_1_2")
    await service.process("organization.deleted", "org_1")
    assert await members_or_none(service, "org_1") is None
    await service.process("organizationMembership.created", "orgmem_1_3", 5000)
    assert await members_or_none(service, "org_1") is None


async def members_or_none(service: Any, organization: str) -> Any:
    answer = await service.http.get(
        f"/organizations/{organization}/members",
        headers={"Authorization": "Bearer operator-token"},
    )
    return None if answer.status_code == 404 else answer.json()


async def test_a_deleted_user_is_no_member_whatever_comes_later(service: Any) -> None:
    await service.process("organizationMembership.created", "orgmem_1_2")
    await service.process("organizationMembership.created", "orgmem_1_3")
    await service.process("user.deleted", "user_2")
    assert await members(service) == {"user_3": "org:member"}
    await service.process("organizationMembership.updated", "orgmem_1_2", 9000)
    assert await members(service) == {"user_3": "org:member"}


async def test_a_changed_role_counts_for_those_who_have_it_though_nobody_tells_of_them(
    service: Any,
) -> None:
    await service.process("role.created", "role_1", 1000)
    await service.process("organizationMembership.created", "orgmem_1_2", 2000)
    await service.process(
        "role.updated", "role_1", 3000, key="org:reader", permissions=[{"key": "org:read"}]
    )
    # This one was told of before the role changed, and comes late.
    await service.process("organizationMembership.created", "orgmem_1_3", 2500)
    found = (await service.get("/organizations/org_1/members"))["data"]
    assert [(each["role"], each["role_name"], each["permissions"]) for each in found] == [
        ("org:reader", "Version 3000", ["org:read"])
    ] * 2


async def test_what_a_membership_says_later_than_its_role_counts(service: Any) -> None:
    await service.process("role.created", "role_1", 1000)
    await service.process("organizationMembership.created", "orgmem_1_2", 2000)
    found = (await service.get("/organizations/org_1/members"))["data"]
    assert found[0]["permissions"] == ["org:sys_memberships:read"]


async def test_a_role_that_took_over_the_key_of_another_changes_nobody_of_before(
    service: Any,
) -> None:
    await service.process("role.created", "role_1", 1000)
    await service.process("organizationMembership.created", "orgmem_1_2", 2000)
    await service.process("role.updated", "role_1", 3000, key="org:reader")
    await service.process("role.created", "role_2", 4000, key="org:member", created_at=4000)
    assert await members(service) == {"user_2": "org:reader"}
    await service.process("organizationMembership.updated", "orgmem_1_2", 5000)
    await service.process("role.updated", "role_2", 6000, key="org:helper", created_at=4000)
    assert await members(service) == {"user_2": "org:helper"}


async def test_the_audit_log_of_a_role_has_no_gaps(service: Any) -> None:
    for number in range(3):
        await service.process("role.updated", "role_1", 1000 + number, key=f"org:{number}")
    log = (await service.get("/audit?subject=role:role_1"))["data"]
    assert [entry["before"] for entry in log] == [None, *(entry["after"] for entry in log[:-1])]


async def test_a_deleted_role_leaves_its_members_what_they_were_told(service: Any) -> None:
    await service.process("organizationMembership.created", "orgmem_1_2", 2000)
    await service.process("role.updated", "role_1", 3000)
    await service.process("role.deleted", "role_1", 4000)
    found = (await service.get("/organizations/org_1/members"))["data"]
    assert found[0]["role_name"] == "Member"


@pytest.mark.parametrize("answer", ["accepted", "revoked"])
async def test_an_answered_invitation_is_never_pending_again(service: Any, answer: str) -> None:
    kind = "organizationInvitation"
    await service.process(f"{kind}.{answer}", "orginv_1", 2000, status=answer)
    assert await service.process(f"{kind}.created", "orginv_1", 1000) is State.IGNORED_STALE
    await service.process(f"{kind}.created", "orginv_1", 3000)
    assert (await records(service, "/invitations"))["orginv_1"]["status"] == answer


async def test_an_invitation_expires_without_an_event(service: Any) -> None:
    await service.process("organizationInvitation.created", "orginv_1", expires_at=2000)
    await service.process("organizationInvitation.created", "orginv_2", expires_at=2**62)
    await service.process("invitation.created", "inv_3", organization_id=None)
    found = await records(service, "/invitations")
    assert [found[name]["status"] for name in sorted(found)] == ["pending", "expired", "pending"]
    assert found["inv_3"]["organization_id"] is None


BROKEN = [
    ("organization.created", {"id": None}, "data.id"),
    ("organization.created", {"updated_at": None}, "data.updated_at"),
    ("organization.updated", {"name": 7}, "data.name"),
    ("organization.updated", {"max_allowed_memberships": "5"}, "data.max_allowed_memberships"),
    ("organization.updated", {"private_metadata": []}, "data.private_metadata"),
    ("organizationMembership.created", {"organization": None}, "data.organization.id"),
    ("organizationMembership.created", {"public_user_data": 7}, "data.public_user_data"),
    ("organizationMembership.created", {"permissions": [7]}, "data.permissions[0]"),
    ("organizationMembership.deleted", {"role": []}, "data.role"),
    ("role.updated", {"permissions": [{}]}, "data.permissions[0].key"),
    ("role.created", {"key": "\x00"}, "data.key"),
    ("organizationInvitation.created", {"status": 1}, "data.status"),
    ("organizationInvitation.accepted", {"expires_at": "soon"}, "data.expires_at"),
]


@pytest.mark.parametrize(("kind", "change", "field"), BROKEN, ids=repr)
async def test_a_payload_that_breaks_the_model_is_dead_with_the_field_named(
    service: Any, kind: str, change: dict[str, Any], field: str
) -> None:
    svix_id = await service.deliver(kind, "orgmem_1_2", **change)
    assert await service.apply(svix_id) is State.DEAD
    assert (await service.row(svix_id))["last_error"].startswith(f"{field} ")


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("organization.created", {"id", "updated_at"}),
        ("organizationMembership.created", {"id", "updated_at", "organization"}),
        ("organizationMembership.deleted", {"id"}),
        ("role.created", {"id", "updated_at"}),
        ("organizationInvitation.created", {"id", "updated_at"}),
    ],
)
@pytest.mark.parametrize("missing", [True, False])
async def test_null_and_missing_optional_fields_are_the_normal_case(
    service: Any, kind: str, needed: set[str], *, missing: bool
) -> None:
    whole = event(kind, "orgmem_1_2", 1000)
    for name in set(whole["data"]) - needed:
        whole["data"][name] = None
    if missing:
        whole["data"] = {name: whole["data"][name] for name in needed}
    svix_id, _ = await service.post_whole(whole)
    assert await service.apply(svix_id) is State.APPLIED


@dataclass(frozen=True)
class Tie:
    """What Clerk is asked when two events of a record have one version, and what it answers."""

    clerk_id: str
    listing: str
    path: str
    answer: dict[str, Any]
    second: str = "updated"


IN_ORG_1 = {"organization": {"id": "org_1"}, "public_user_data": {"user_id": "user_2"}}
TIES = {
    "organization": Tie("org_1", "/organizations", "/v1/organizations/org_1", {}),
    "role": Tie("role_1", "/roles", "/v1/organization_roles/role_1", {}),
    "organizationMembership": Tie(
        "orgmem_1_2",
        "/memberships",
        "/v1/organizations/org_1/memberships?user_id=user_2&limit=1",
        IN_ORG_1,
    ),
    "organizationInvitation": Tie(
        "orginv_1",
        "/invitations",
        "/v1/organizations/org_1/invitations/orginv_1",
        {"organization_id": "org_1"},
        "accepted",
    ),
}


@pytest.mark.parametrize("kind", TIES)
async def test_on_a_tie_clerk_is_asked_and_its_answer_stands(
    service: Any, clerk_double: Any, kind: str
) -> None:
    tie = TIES[kind]
    said = dict.fromkeys(("name", "role_name", "email_address"), "From Clerk")
    answer = {"id": tie.clerk_id, "updated_at": 1000, **said, **tie.answer}
    clerk_double.answers[tie.path] = {"data": [answer]} if "?" in tie.path else answer
    await service.process(f"{kind}.created", tie.clerk_id)
    other = dict.fromkeys(said, "From the second event")
    assert await service.process(f"{kind}.{tie.second}", tie.clerk_id, **other) is State.APPLIED
    assert clerk_double.asked == [tie.path]
    assert "From Clerk" in (await records(service, tie.listing))[tie.clerk_id].values()


@pytest.mark.parametrize("kind", TIES)
async def test_on_a_tie_what_is_unknown_to_clerk_is_gone(service: Any, kind: str) -> None:
    tie = TIES[kind]
    await service.process(f"{kind}.created", tie.clerk_id)
    other = dict.fromkeys(("name", "role_name", "email_address"), "From the second event")
    assert await service.process(f"{kind}.{tie.second}", tie.clerk_id, **other) is State.APPLIED
    assert (await records(service, tie.listing))[tie.clerk_id]["active"] is False


async def test_on_a_tie_a_later_membership_of_the_same_user_is_not_taken_for_this_one(
    service: Any, clerk_double: Any
) -> None:
    tie = TIES["organizationMembership"]
    later = {"id": "orgmem_1_2_b", "updated_at": 9000, **IN_ORG_1}
    clerk_double.answers[tie.path] = {"data": [later]}
    await service.process("organizationMembership.created", tie.clerk_id)
    await service.process("organizationMembership.updated", tie.clerk_id, role="org:admin")
    assert (await records(service, "/memberships"))[tie.clerk_id]["active"] is False
