import json
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk

PRO = {
    "name": "Pro plan",
    "default_role_key": "org:member",
    "creator_role_key": "org:admin",
    "roles": ["org:admin", "org:member", "org:vet"],
}


@pytest.fixture(autouse=True)
def roles(bapi: httpx.Client) -> None:
    for key in ("org:vet", "org:groom"):
        bapi.post("/organization_roles", json={"name": key, "key": key}).raise_for_status()


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def told(control: httpx.Client, after: int) -> list[tuple[str, dict[str, Any]]]:
    messages = control.get("/messages", params={"after": after}).json()["data"]
    return [(row["event_type"], json.loads(row["payload"])["data"]) for row in messages]


def last_seq(control: httpx.Client) -> int:
    return control.get("/messages").json()["data"][-1]["seq"]


def keys(role_set: Any) -> list[str]:
    return [role.key for role in role_set.roles]


def test_there_is_a_role_set_from_the_start(clerk: Clerk) -> None:
    (primary,) = clerk.role_sets.list().data

    assert (primary.key, primary.type.value) == ("role_set:default", "initial")
    assert keys(primary) == ["org:admin", "org:member"]
    assert (primary.creator_role.key, primary.default_role.key) == ("org:admin", "org:member")
    assert clerk.role_sets.get(role_set_key_or_id=primary.id) == primary
    assert clerk.role_sets.get(role_set_key_or_id="role_set:default") == primary


def test_a_role_set_is_found_by_key_by_id_and_by_name(clerk: Clerk, bapi: httpx.Client) -> None:
    created = clerk.role_sets.create(**PRO, description="For those who pay")

    assert created.key == "role_set:pro_plan"
    assert (created.description, created.type.value) == ("For those who pay", "custom")
    assert keys(created) == ["org:admin", "org:member", "org:vet"]
    assert clerk.role_sets.get(role_set_key_or_id="role_set:pro_plan") == created
    assert clerk.role_sets.get(role_set_key_or_id=created.id) == created
    assert clerk.role_sets.list(query="pro", order_by="name").data == [created]
    assert code(bapi.get("/role_sets/role_set:none")) == "resource_not_found"


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"name": None}, 422, "form_param_missing"),
        ({"roles": []}, 422, "form_param_value_invalid"),
        ({"roles": None}, 422, "form_param_missing"),
        ({"roles": ["org:admin", "org:none", "org:member"]}, 404, "resource_not_found"),
        ({"roles": ["org:admin", "org:admin"]}, 422, "form_param_duplicate"),
        ({"default_role_key": "org:groom"}, 422, "form_param_value_invalid"),
        ({"creator_role_key": "org:vet"}, 422, "organization_missing_creator_role_permissions"),
        ({"key": "pro"}, 422, "form_param_format_invalid"),
        ({"key": "role_set:default"}, 422, "form_identifier_exists"),
        ({"name": "!!!"}, 422, "form_param_format_invalid"),
        ({"type": "other"}, 422, "form_param_value_invalid"),
        ({"colour": "red"}, 422, "form_param_unknown"),
    ],
)
def test_what_is_no_role_set_is_refused(
    bapi: httpx.Client, change: dict[str, object], status: int, expected: str
) -> None:
    answer = bapi.post("/role_sets", json={**PRO, **change})

    assert (answer.status_code, code(answer)) == (status, expected)
    assert bapi.get("/role_sets").json()["total_count"] == 1


def test_ten_role_sets_are_enough(bapi: httpx.Client) -> None:
    for number in range(9):
        bapi.post("/role_sets", json={**PRO, "name": f"Set {number}"}).raise_for_status()

    answer = bapi.post("/role_sets", json={**PRO, "name": "One more"})

    assert (answer.status_code, code(answer)) == (403, "quota_exceeded")


def test_only_one_role_set_is_for_new_organizations(clerk: Clerk) -> None:
    created = clerk.role_sets.create(**PRO, type_="initial")

    assert created.type.value == "initial"
    assert clerk.role_sets.get(role_set_key_or_id="role_set:default").type.value == "custom"
    acme = clerk.organizations.create(request={"name": "Acme"})
    assert acme.role_set_key == "role_set:pro_plan"
    settings = clerk.instance_settings.get_organization_settings()
    assert settings.initial_role_set_key == "role_set:pro_plan"
    again = clerk.role_sets.update(role_set_key_or_id="role_set:default", type_="initial")
    assert again.type.value == "initial"
    assert clerk.role_sets.get(role_set_key_or_id=created.id).type.value == "custom"
    assert clerk.organizations.get(organization_id=acme.id).role_set_key == "role_set:pro_plan"


def test_a_role_set_changes_what_is_named(clerk: Clerk, bapi: httpx.Client) -> None:
    created = clerk.role_sets.create(**PRO, description="x")

    changed = clerk.role_sets.update(
        role_set_key_or_id=created.id, name="Gold", key="role_set:gold", default_role_key="org:vet"
    )

    assert (changed.name, changed.key, changed.description) == ("Gold", "role_set:gold", "x")
    assert (changed.default_role.key, changed.creator_role.key) == ("org:vet", "org:admin")
    path = "/role_sets/role_set:gold"
    assert bapi.patch(path, json={"description": None}).json()["description"] is None
    for body, expected in (
        ({"key": "role_set:default"}, "form_identifier_exists"),
        ({"key": "gold"}, "form_param_format_invalid"),
        ({"default_role_key": "org:groom"}, "form_param_value_invalid"),
        ({"creator_role_key": "org:member"}, "organization_missing_creator_role_permissions"),
        ({"roles": []}, "form_param_unknown"),
    ):
        assert code(bapi.patch(path, json=body)) == expected
    assert code(bapi.patch("/role_sets/role_set:default", json={"type": "custom"})) == (
        "form_param_value_invalid"
    )


def test_roles_are_added_once_and_at_most_ten(clerk: Clerk, bapi: httpx.Client) -> None:
    path = "/role_sets/role_set:default/roles"

    wider = clerk.role_sets.add_roles(
        role_set_key_or_id="role_set:default", role_keys=["org:vet"], default_role_key="org:vet"
    )

    assert keys(wider) == ["org:admin", "org:member", "org:vet"]
    assert wider.default_role.key == "org:vet"
    for body, expected in (
        ({"role_keys": ["org:vet"]}, "form_param_value_invalid"),
        ({"role_keys": ["org:none"]}, "resource_not_found"),
        ({"role_keys": []}, "form_param_value_invalid"),
        ({}, "form_param_missing"),
    ):
        assert code(bapi.post(path, json=body)) == expected
    more = [f"org:role_{number}" for number in range(8)]
    for key in more:
        bapi.post("/organization_roles", json={"name": key, "key": key}).raise_for_status()
    assert code(bapi.post(path, json={"role_keys": more})) == "form_param_array_size_exceeded"
    assert bapi.post(path, json={"role_keys": more[1:]}).is_success


def test_members_of_a_role_that_leaves_the_set_get_the_other_one(
    clerk: Clerk, control: httpx.Client
) -> None:
    clerk.role_sets.create(**PRO)
    vets = [clerk.users.create(email_address=[f"{name}@example.com"]) for name in "ab"]
    acme = clerk.organizations.create(request={"name": "Acme", "role_set_key": "role_set:pro_plan"})
    for vet in vets:
        clerk.organization_memberships.create(
            organization_id=acme.id, user_id=vet.id, role="org:vet"
        )
    counted = clerk.role_sets.get(role_set_key_or_id="role_set:pro_plan").roles[2]
    seen = last_seq(control)

    changed = clerk.role_sets.replace_role(
        role_set_key_or_id="role_set:pro_plan", role_key="org:vet", to_role_key="org:groom"
    )

    assert (counted.members_count, counted.has_members) == (2, True)
    assert keys(changed) == ["org:admin", "org:member", "org:groom"]
    members = clerk.organization_memberships.list(organization_id=acme.id).data
    assert {member.role for member in members} == {"org:groom"}
    assert [(kind, data["role"]) for kind, data in told(control, seen)] == [
        ("organizationMembership.updated", "org:groom")
    ] * 2


def test_a_creators_role_is_replaced_by_one_that_gives_enough(bapi: httpx.Client) -> None:
    path = "/role_sets/role_set:default/roles/replace"

    for body, status, expected in (
        ({"role_key": "org:admin", "to_role_key": "org:vet"}, 422,
         "organization_missing_creator_role_permissions"),
        ({"role_key": "org:vet", "to_role_key": "org:admin"}, 404, "resource_not_found"),
        ({"role_key": "org:member", "to_role_key": "org:member"}, 422, "form_param_value_invalid"),
        ({"role_key": "org:member", "to_role_key": "org:none"}, 404, "resource_not_found"),
        ({"role_key": "org:member"}, 422, "form_param_missing"),
    ):  # fmt: skip
        answer = bapi.post(path, json=body)
        assert (answer.status_code, code(answer)) == (status, expected)
    merged = bapi.post(path, json={"role_key": "org:member", "to_role_key": "org:admin"}).json()
    assert [role["key"] for role in merged["roles"]] == ["org:admin"]
    assert merged["default_role"]["key"] == "org:admin"


def test_organizations_of_a_role_set_that_goes_get_the_other_one(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    pro = clerk.role_sets.create(**PRO)
    ada = clerk.users.create(email_address=["ada@example.com"])
    acme = clerk.organizations.create(request={"name": "Acme", "role_set_key": pro.key})
    clerk.organization_memberships.create(organization_id=acme.id, user_id=ada.id, role="org:vet")
    path = f"/role_sets/{pro.key}/replace"
    seen = last_seq(control)

    unsaid = bapi.post(path, json={"dest_role_set_key": "role_set:default"})
    wrong = [
        bapi.post(path, json={"dest_role_set_key": "role_set:default", "reassignment_mappings": to})
        for to in ({"org:vet": "org:groom"}, {"org:groom": "org:member"}, {"org:vet": []}, [])
    ]
    deleted = clerk.role_sets.replace(
        role_set_key_or_id=pro.key,
        dest_role_set_key="role_set:default",
        reassignment_mappings={"org:vet": "org:member"},
    )

    assert (unsaid.status_code, code(unsaid)) == (422, "form_param_missing")
    assert {answer.status_code for answer in wrong} == {422}
    assert (deleted.id, deleted.object, deleted.deleted) == (pro.id, "role_set", True)
    assert clerk.organizations.get(organization_id=acme.id).role_set_key == "role_set:default"
    (member,) = clerk.organization_memberships.list(organization_id=acme.id).data
    assert member.role == "org:member"
    assert bapi.get(f"/role_sets/{pro.id}").status_code == 404
    assert [kind for kind, _ in told(control, seen)] == [
        "organization.updated",
        "organizationMembership.updated",
    ]


def test_the_role_set_of_new_organizations_hands_that_on_when_it_goes(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    pro = clerk.role_sets.create(**PRO)

    clerk.role_sets.replace(role_set_key_or_id="role_set:default", dest_role_set_key=pro.key)

    assert clerk.role_sets.get(role_set_key_or_id=pro.key).type.value == "initial"
    assert clerk.role_sets.list().total_count == 1
    same = bapi.post(f"/role_sets/{pro.key}/replace", json={"dest_role_set_key": pro.key})
    assert (same.status_code, code(same)) == (422, "form_param_value_invalid")


def test_an_organization_gets_a_role_set_that_has_the_roles_of_its_members(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    clerk.role_sets.create(**PRO)
    ada = clerk.users.create(email_address=["ada@example.com"])
    acme = clerk.organizations.create(request={"name": "Acme", "created_by": ada.id})
    path = f"/organizations/{acme.id}"

    changed = bapi.patch(path, json={"role_set_key": "role_set:pro_plan"})
    clerk.organization_memberships.create(
        organization_id=acme.id,
        user_id=clerk.users.create(email_address=["v@example.com"]).id,
        role="org:vet",
    )
    back = bapi.patch(path, json={"role_set_key": "role_set:default"})

    assert changed.json()["role_set_key"] == "role_set:pro_plan"
    assert (back.status_code, code(back)) == (422, "form_param_value_invalid")
    none = bapi.patch(path, json={"role_set_key": "role_set:none"})
    assert (none.status_code, code(none)) == (404, "resource_not_found")
