import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models

Hire = Callable[..., models.User]


@pytest.fixture
def boss(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["boss@example.com"], first_name="Bea", username="boss")


@pytest.fixture
def acme(clerk: Clerk, boss: models.User) -> models.Organization:
    return clerk.organizations.create(request={"name": "Acme", "created_by": boss.id})


@pytest.fixture
def hire(clerk: Clerk, acme: models.Organization) -> Hire:
    """Make a user of this name and let them into Acme."""

    def hired(name: str, role: str = "org:member", **more: Any) -> models.User:
        user = clerk.users.create(email_address=[f"{name}@example.com"], first_name=name, **more)
        clerk.organization_memberships.create(organization_id=acme.id, user_id=user.id, role=role)
        return user

    return hired


def told(control: httpx.Client, event_type: str) -> list[dict[str, Any]]:
    messages = control.get("/messages", params={"type": event_type}).json()["data"]
    return [json.loads(message["payload"])["data"] for message in messages]


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def test_a_membership_tells_of_its_user_its_organization_and_its_permissions(
    clerk: Clerk, acme: models.Organization, control: httpx.Client
) -> None:
    grace = clerk.users.create(
        email_address=["grace@example.com"], first_name="Grace", last_name="Hopper"
    )

    created = clerk.organization_memberships.create(
        organization_id=acme.id,
        user_id=grace.id,
        role="org:member",
        public_metadata={"desk": 4},
        private_metadata={"salary": 1},
    )

    assert created.id.startswith("orgmem_")
    assert (created.role, created.role_name) == ("org:member", "Member")
    assert created.permissions == ["org:sys_memberships:read", "org:sys_billing:read"]
    assert created.organization.model_dump() == acme.model_dump()
    user = created.public_user_data
    assert (user.user_id, user.first_name, user.last_name) == (grace.id, "Grace", "Hopper")
    assert (user.identifier, user.has_image, user.banned) == ("grace@example.com", False, False)
    assert (created.public_metadata, created.private_metadata) == ({"desk": 4}, {"salary": 1})
    listed = clerk.organization_memberships.list(organization_id=acme.id)
    assert (listed.data[0], listed.total_count) == (created, 2)
    assert told(control, "organizationMembership.created")[-1]["id"] == created.id


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"user_id": "user_none"}, 404, "resource_not_found"),
        ({"user_id": None}, 422, "form_param_missing"),
        ({"role": "org:none"}, 404, "resource_not_found"),
        ({"role": ""}, 422, "form_param_missing"),
        ({"colour": "red"}, 422, "form_param_unknown"),
        ({"public_metadata": {"a": "x" * 9000}}, 422, "form_param_exceeds_allowed_size"),
    ],
)
def test_what_is_no_membership_is_refused(
    bapi: httpx.Client,
    acme: models.Organization,
    change: dict[str, object],
    status: int,
    expected: str,
) -> None:
    grace = bapi.post("/users", json={"email_address": ["grace@example.com"]}).json()
    body = {"user_id": grace["id"], "role": "org:member", **change}

    answer = bapi.post(f"/organizations/{acme.id}/memberships", json=body)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert bapi.get(f"/organizations/{acme.id}/memberships").json()["total_count"] == 1


def test_nobody_is_a_member_twice(
    bapi: httpx.Client, acme: models.Organization, boss: models.User
) -> None:
    body = {"user_id": boss.id, "role": "org:member"}

    answer = bapi.post(f"/organizations/{acme.id}/memberships", json=body)

    assert (answer.status_code, code(answer)) == (400, "already_a_member_in_organization")


def test_a_role_that_is_not_in_the_role_set_cannot_be_had(
    bapi: httpx.Client, acme: models.Organization, hire: Hire
) -> None:
    bapi.post("/organization_roles", json={"name": "Vet", "key": "org:vet"}).raise_for_status()
    grace = hire("grace")

    answer = bapi.patch(
        f"/organizations/{acme.id}/memberships/{grace.id}", json={"role": "org:vet"}
    )

    assert (answer.status_code, code(answer)) == (422, "form_param_value_invalid")


def test_a_full_organization_lets_nobody_in_until_it_may_be_larger(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, hire: Hire
) -> None:
    clerk.organizations.update(organization_id=acme.id, max_allowed_memberships=2)
    hire("grace")
    late = clerk.users.create(email_address=["late@example.com"])
    body = {"user_id": late.id, "role": "org:member"}

    refused = bapi.post(f"/organizations/{acme.id}/memberships", json=body)
    clerk.organizations.update(organization_id=acme.id, max_allowed_memberships=3)
    admitted = bapi.post(f"/organizations/{acme.id}/memberships", json=body)

    assert (refused.status_code, code(refused)) == (403, "organization_membership_quota_exceeded")
    assert "limit of 2 " in refused.json()["errors"][0]["long_message"]
    assert admitted.is_success


def test_members_are_found_by_who_they_are(
    clerk: Clerk, acme: models.Organization, boss: models.User, hire: Hire
) -> None:
    grace = hire("grace", username="grace_h", last_name="Hopper", phone_number=["+15555550101"])
    hire("alan", role="org:admin")

    def found(**query: Any) -> list[str]:
        page = clerk.organization_memberships.list(organization_id=acme.id, **query)
        return [membership.public_user_data.first_name for membership in page.data]

    assert found() == ["alan", "grace", "Bea"]
    assert found(user_id=[grace.id]) == ["grace"]
    assert found(user_id=[f"-{boss.id}"]) == ["alan", "grace"]
    assert found(email_address=["GRACE@example.com", "none@example.com"]) == ["grace"]
    assert found(phone_number=["+15555550101"]) == ["grace"]
    assert found(username=["grace_h"]) == ["grace"]
    assert found(role=["org:admin"]) == ["alan", "Bea"]
    assert found(role=["org:none"]) == []
    assert found(query="hopp") == ["grace"]
    assert found(name_query="gra") == ["grace"]
    assert found(email_address_query="alan@") == ["alan"]
    assert found(phone_number_query="0101") == ["grace"]
    assert found(username_query="boss") == ["Bea"]
    assert found(created_at_after=grace.created_at - 1, role=["org:member"]) == ["grace"]
    assert found(created_at_before=1) == []
    assert found(order_by="first_name") == ["alan", "Bea", "grace"]
    assert found(order_by="-email_address") == ["grace", "Bea", "alan"]
    assert found(order_by="created_at", limit=1, offset=1) == ["grace"]


@pytest.mark.parametrize("query", ["order_by=role", "created_at_after=soon", "limit=501"])
def test_a_list_that_cannot_be_is_refused(
    bapi: httpx.Client, acme: models.Organization, query: str
) -> None:
    assert bapi.get(f"/organizations/{acme.id}/memberships?{query}").status_code == 422


def test_memberships_of_a_user_and_of_the_instance_are_listed(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, boss: models.User, hire: Hire
) -> None:
    other = clerk.organizations.create(request={"name": "Other", "created_by": boss.id})
    hire("grace")

    mine = clerk.users.get_organization_memberships(user_id=boss.id)
    everywhere = clerk.users.get_instance_organization_memberships(order_by="first_name")

    assert [membership.organization.id for membership in mine.data] == [other.id, acme.id]
    assert everywhere.total_count == 3
    assert everywhere.data[-1].public_user_data.first_name == "grace"
    assert bapi.get("/users/user_none/organization_memberships").status_code == 404
    assert bapi.get("/organization_memberships?order_by=role").status_code == 422


def test_a_member_gets_another_role_and_it_is_told(
    clerk: Clerk, acme: models.Organization, hire: Hire, control: httpx.Client
) -> None:
    grace = hire("grace")

    changed = clerk.organization_memberships.update(
        organization_id=acme.id, user_id=grace.id, role="org:admin"
    )

    assert changed.role == "org:admin"
    assert "org:sys_profile:delete" in changed.permissions
    (event,) = told(control, "organizationMembership.updated")
    assert (event["id"], event["role"]) == (changed.id, "org:admin")


def test_metadata_of_a_membership_are_merged_deeply(
    clerk: Clerk, acme: models.Organization, hire: Hire, bapi: httpx.Client
) -> None:
    grace = hire("grace")
    names = {"organization_id": acme.id, "user_id": grace.id}
    clerk.organization_memberships.update_metadata(**names, public_metadata={"a": {"b": 1}})

    merged = clerk.organization_memberships.update_metadata(
        **names, public_metadata={"a": {"b": None, "c": 2}}, private_metadata={"d": 3}
    )

    assert (merged.public_metadata, merged.private_metadata) == ({"a": {"c": 2}}, {"d": 3})
    path = f"/organizations/{acme.id}/memberships/{grace.id}/metadata"
    assert code(bapi.patch(path, json={"unsafe_metadata": {}})) == "form_param_unknown"


def test_the_last_who_can_run_an_organization_cannot_go_or_step_down(
    bapi: httpx.Client, acme: models.Organization, boss: models.User, hire: Hire
) -> None:
    hire("grace")
    path = f"/organizations/{acme.id}/memberships/{boss.id}"

    leaving, stepping_down = bapi.delete(path), bapi.patch(path, json={"role": "org:member"})
    for answer in (leaving, stepping_down):
        assert answer.status_code == 400
        assert code(answer) == "organization_minimum_permissions_needed"
    hire("alan", role="org:admin")
    assert bapi.patch(path, json={"role": "org:member"}).is_success
    assert bapi.delete(path).is_success


def test_a_membership_that_ends_is_told_as_it_was(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, hire: Hire, control: httpx.Client
) -> None:
    grace = hire("grace")

    last = clerk.organization_memberships.delete(organization_id=acme.id, user_id=grace.id)

    assert last.public_user_data.user_id == grace.id
    (event,) = told(control, "organizationMembership.deleted")
    assert event["id"] == last.id
    assert event["public_user_data"]["identifier"] == "grace@example.com"
    path = f"/organizations/{acme.id}/memberships/{grace.id}"
    assert code(bapi.delete(path)) == "resource_not_found"
    assert code(bapi.patch(path, json={"role": "org:admin"})) == "resource_not_found"


def test_memberships_end_with_their_user_even_the_last_one(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization, boss: models.User,
    control: httpx.Client,
) -> None:  # fmt: skip
    clerk.users.delete(user_id=boss.id)

    assert bapi.get(f"/organizations/{acme.id}/memberships").json()["total_count"] == 0
    types = [row["event_type"] for row in control.get("/messages").json()["data"]]
    assert types[-2:] == ["organizationMembership.deleted", "user.deleted"]


def test_who_changes_their_name_is_shown_with_it(
    clerk: Clerk, acme: models.Organization, hire: Hire
) -> None:
    grace = hire("grace")

    clerk.users.update(user_id=grace.id, first_name="Amazing")

    member = clerk.organization_memberships.list(organization_id=acme.id, user_id=[grace.id])
    assert member.data[0].public_user_data.first_name == "Amazing"
