import json
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models

SYSTEM_KEYS = {
    "org:sys_profile:manage", "org:sys_profile:delete", "org:sys_memberships:read",
    "org:sys_memberships:manage", "org:sys_domains:read", "org:sys_domains:manage",
    "org:sys_billing:read", "org:sys_billing:manage", "org:sys_api_keys:read",
    "org:sys_api_keys:manage",
}  # fmt: skip


def told(control: httpx.Client) -> list[tuple[str, dict[str, Any]]]:
    messages = control.get("/messages").json()["data"]
    return [(row["event_type"], json.loads(row["payload"])["data"]) for row in messages]


def code(answer: httpx.Response) -> str:
    assert answer.is_client_error, answer.text
    return answer.json()["errors"][0]["code"]


def role_of_key(bapi: httpx.Client, key: str) -> dict[str, Any]:
    rows = bapi.get("/organization_roles", params={"query": key}).json()["data"]
    return next(row for row in rows if row["key"] == key)


def create_role(bapi: httpx.Client, key: str, **body: object) -> dict[str, Any]:
    answer = bapi.post("/organization_roles", json={"name": key, "key": key, **body})
    return answer.raise_for_status().json()


def create_permission(bapi: httpx.Client, key: str) -> dict[str, Any]:
    answer = bapi.post("/organization_permissions", json={"name": key, "key": key})
    return answer.raise_for_status().json()


def test_two_roles_are_there_from_the_start(clerk: Clerk, control: httpx.Client) -> None:
    roles = clerk.organization_roles.list(order_by="name")

    admin, member = roles.data
    assert (admin.key, admin.name, admin.is_creator_eligible) == ("org:admin", "Admin", True)
    assert {permission.key for permission in admin.permissions} == SYSTEM_KEYS
    assert (member.key, member.name, member.is_creator_eligible) == ("org:member", "Member", False)
    assert [permission.key for permission in member.permissions] == [
        "org:sys_memberships:read",
        "org:sys_billing:read",
    ]
    assert clerk.organization_roles.get(organization_role_id=admin.id) == admin
    assert told(control) == []


def test_what_is_there_from_the_start_is_the_same_whenever_it_is_looked_at(
    clerk: Clerk, http: httpx.Client
) -> None:
    def ids_in_new_instance(**request: int) -> list[str]:
        info = http.post("/__fake__/instances", json=request).json()
        headers = {"authorization": f"Bearer {info['secret_key']}"}
        rows = httpx.get(f"{info['api_url']}/organization_roles", headers=headers).json()["data"]
        http.delete(f"/__fake__/instances/{info['instance_id']}")
        return [row["id"] for row in rows]

    first = clerk.organization_roles.list()

    assert clerk.organization_roles.list() == first
    assert ids_in_new_instance(seed=7) == ids_in_new_instance(seed=7)
    assert not set(ids_in_new_instance()) & {role.id for role in first.data}


def test_a_new_instance_has_no_roles_before_somebody_looks(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    bapi.get("/users").raise_for_status()
    before = control.get("/snapshot").json()["state"]
    bapi.get("/organizations").raise_for_status()
    bapi.post("/organizations", json={"name": "Acme"}).raise_for_status()

    assert before["organization_roles"] == before["organization_permissions"] == []
    assert len(control.get("/snapshot").json()["state"]["organization_roles"]) == 2


def test_a_permission_comes_changes_and_goes(clerk: Clerk, control: httpx.Client) -> None:
    created = clerk.organization_permissions.create(
        name="Walk dogs", key="org:dogs:walk", description="All of them"
    )

    assert (created.key, created.type) == ("org:dogs:walk", "user")
    assert clerk.organization_permissions.get(permission_id=created.id) == created
    found = clerk.organization_permissions.list(query="DOGS")
    assert (found.data, found.total_count) == ([created], 1)
    changed = clerk.organization_permissions.update(permission_id=created.id, name="Wash dogs")
    assert (changed.name, changed.key, changed.description) == (
        "Wash dogs", "org:dogs:walk", "All of them",
    )  # fmt: skip
    deleted = clerk.organization_permissions.delete(permission_id=created.id)
    assert (deleted.id, deleted.deleted) == (created.id, True)
    assert clerk.organization_permissions.list(query="dogs").total_count == 0
    assert [event_type for event_type, _ in told(control)] == [
        "permission.created", "permission.updated", "permission.deleted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "x"}, "form_param_missing"),
        ({"key": "org:a:b"}, "form_param_missing"),
        ({"name": "x", "key": "org:a"}, "form_param_format_invalid"),
        ({"name": "x", "key": "org:A:b"}, "form_param_format_invalid"),
        ({"name": "x", "key": "dogs:walk"}, "form_param_format_invalid"),
        ({"name": "x", "key": "org:sys_dogs:walk"}, "form_param_value_invalid"),
        ({"name": "x", "key": "org:cats:feed"}, "form_identifier_exists"),
        ({"name": "x", "key": "org:a:b", "type": "system"}, "form_param_unknown"),
    ],
)
def test_what_is_no_permission_is_refused(
    bapi: httpx.Client, body: dict[str, object], expected: str
) -> None:
    cats = create_permission(bapi, "org:cats:feed")
    other = create_permission(bapi, "org:cats:pet")

    assert code(bapi.post("/organization_permissions", json=body)) == expected
    if expected != "form_param_missing":
        path = f"/organization_permissions/{other['id']}"
        assert code(bapi.patch(path, json=body)) == expected
    assert bapi.patch(
        f"/organization_permissions/{cats['id']}", json={"key": "org:cats:feed"}
    ).is_success


def test_clerks_own_permissions_cannot_be_changed(bapi: httpx.Client) -> None:
    rows = bapi.get("/organization_permissions?query=sys_profile:manage").json()["data"]
    path = f"/organization_permissions/{rows[0]['id']}"

    for answer in (bapi.patch(path, json={"name": "x"}), bapi.delete(path)):
        assert answer.status_code == 403
        assert code(answer) == "organization_system_permission_not_modifiable"


def test_a_permission_that_goes_is_taken_from_its_roles(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    permission = create_permission(bapi, "org:dogs:walk")
    role = create_role(bapi, "org:vet", permissions=[permission["id"]])

    bapi.delete(f"/organization_permissions/{permission['id']}").raise_for_status()

    assert bapi.get(f"/organization_roles/{role['id']}").json()["permissions"] == []
    assert [event_type for event_type, _ in told(control)][-2:] == [
        "role.updated",
        "permission.deleted",
    ]


def test_a_role_comes_changes_and_goes(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    permission = create_permission(bapi, "org:dogs:walk")
    created = clerk.organization_roles.create(
        name="Vet", key="org:vet", description="Knows dogs", permissions=[permission["id"]]
    )

    assert (created.key, created.is_creator_eligible) == ("org:vet", False)
    assert [granted.key for granted in created.permissions] == ["org:dogs:walk"]
    assert clerk.organization_roles.get(organization_role_id=created.id) == created
    assert clerk.organization_roles.list(query="VET").data == [created]
    assert clerk.organization_roles.list(query=created.id).data == [created]
    changed = clerk.organization_roles.update(
        organization_role_id=created.id, key="org:surgeon", description=None, permissions=[]
    )
    assert (changed.name, changed.key, changed.permissions) == ("Vet", "org:surgeon", [])
    deleted = clerk.organization_roles.delete(organization_role_id=created.id)
    assert (deleted.id, deleted.deleted) == (created.id, True)
    assert code(bapi.get(f"/organization_roles/{created.id}")) == "resource_not_found"
    assert [event_type for event_type, _ in told(control)] == [
        "permission.created", "role.created", "role.updated", "role.deleted",
    ]  # fmt: skip


def test_a_description_can_be_cleared(bapi: httpx.Client) -> None:
    role = create_role(bapi, "org:vet", description="Knows dogs")
    path = f"/organization_roles/{role['id']}"

    assert bapi.patch(path, json={"name": "Vets"}).json()["description"] == "Knows dogs"
    assert bapi.patch(path, json={"description": None}).json()["description"] is None


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"name": "x"}, 422, "form_param_missing"),
        ({"name": "x", "key": "vet"}, 422, "form_param_format_invalid"),
        ({"name": "x", "key": "org:Vet"}, 422, "form_param_format_invalid"),
        ({"name": "x", "key": "org:a:b"}, 422, "form_param_format_invalid"),
        ({"name": "x", "key": "org:admin"}, 422, "form_identifier_exists"),
        ({"name": "x", "key": "org:x", "permissions": ["perm_none"]}, 404, "resource_not_found"),
        ({"name": "x", "key": "org:x", "permissions": ["a", "a"]}, 422, "form_param_duplicate"),
        ({"name": "x", "key": "org:x", "permissions": "a"}, 422, "form_param_format_invalid"),
        ({"name": "x", "key": "org:x", "colour": "red"}, 422, "form_param_unknown"),
    ],
)
def test_what_is_no_role_is_refused(
    bapi: httpx.Client, body: dict[str, object], status: int, expected: str
) -> None:
    answer = bapi.post("/organization_roles", json=body)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert bapi.get("/organization_roles").json()["total_count"] == 2


def test_ten_roles_of_ones_own_are_enough(bapi: httpx.Client) -> None:
    for number in range(10):
        create_role(bapi, f"org:role_{number}")

    answer = bapi.post("/organization_roles", json={"name": "x", "key": "org:x"})

    assert answer.status_code == 403
    assert code(answer) == "organization_instance_roles_quota_exceeded"


def test_a_role_gives_more_and_less(clerk: Clerk, bapi: httpx.Client) -> None:
    permission = create_permission(bapi, "org:dogs:walk")
    role = create_role(bapi, "org:vet")
    both = {"organization_role_id": role["id"], "permission_id": permission["id"]}
    path = f"/organization_roles/{role['id']}/permissions/{permission['id']}"

    more = clerk.organization_roles.assign_permission(**both)
    again = bapi.post(path)
    less = clerk.organization_roles.remove_permission(**both)
    once_more = bapi.delete(path)

    assert [granted.key for granted in more.permissions] == ["org:dogs:walk"]
    assert (again.status_code, code(again)) == (
        409, "organization_role_permission_association_exists",
    )  # fmt: skip
    assert less.permissions == []
    assert (once_more.status_code, code(once_more)) == (
        404, "organization_role_permission_association_not_found",
    )  # fmt: skip
    assert bapi.post(f"/organization_roles/{role['id']}/permissions/perm_none").status_code == 404
    assert bapi.post(f"/organization_roles/role_none/permissions/{permission['id']}").is_error


def test_creators_keep_what_they_need(bapi: httpx.Client) -> None:
    admin = role_of_key(bapi, "org:admin")
    path = f"/organization_roles/{admin['id']}"
    needed = next(each for each in admin["permissions"] if each["key"] == "org:sys_profile:delete")
    spare = next(each for each in admin["permissions"] if each["key"] == "org:sys_domains:read")

    taken = bapi.delete(f"{path}/permissions/{needed['id']}")
    emptied = bapi.patch(path, json={"permissions": []})

    for answer in (taken, emptied):
        assert (answer.status_code, code(answer)) == (
            422, "organization_missing_creator_role_permissions",
        )  # fmt: skip
    assert bapi.delete(f"{path}/permissions/{spare['id']}").is_success


def test_a_role_that_is_needed_cannot_go(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    vet = create_role(bapi, "org:vet", include_in_initial_role_set=True)
    ada = clerk.users.create(email_address=["ada@example.com"])
    acme = clerk.organizations.create(request={"name": "Acme"})
    clerk.organization_memberships.create(organization_id=acme.id, user_id=ada.id, role="org:vet")

    for key, expected in (
        ("org:admin", "organization_role_default_creator_role"),
        ("org:member", "organization_role_domain_default_role"),
        ("org:vet", "organization_role_assigned_members"),
    ):
        answer = bapi.delete(f"/organization_roles/{role_of_key(bapi, key)['id']}")
        assert (answer.status_code, code(answer)) == (422, expected)
    clerk.organizations.delete(organization_id=acme.id)
    assert bapi.delete(f"/organization_roles/{vet['id']}").is_success
    (role_set,) = control.get("/snapshot").json()["state"]["role_sets"]
    assert vet["id"] not in role_set["role_ids"]


def test_members_are_shown_with_the_new_key_and_permissions_of_their_role(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    vet = create_role(bapi, "org:vet", include_in_initial_role_set=True)
    ada = clerk.users.create(email_address=["ada@example.com"])
    acme = clerk.organizations.create(request={"name": "Acme"})
    clerk.organization_memberships.create(organization_id=acme.id, user_id=ada.id, role="org:vet")
    permission = create_permission(bapi, "org:dogs:walk")

    clerk.organization_roles.update(
        organization_role_id=vet["id"], key="org:surgeon", permissions=[permission["id"]]
    )

    (member,) = clerk.organization_memberships.list(organization_id=acme.id).data
    assert (member.role, member.permissions) == ("org:surgeon", ["org:dogs:walk"])


def test_the_roles_of_creators_and_of_domains_are_settings_of_the_instance(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    needed = [
        permission["id"]
        for permission in role_of_key(bapi, "org:admin")["permissions"]
        if permission["key"] in {
            "org:sys_memberships:manage", "org:sys_memberships:read", "org:sys_profile:delete",
        }
    ]  # fmt: skip
    owner = create_role(bapi, "org:owner", permissions=needed, include_in_initial_role_set=True)
    vet = create_role(bapi, "org:vet", include_in_initial_role_set=True)
    outside = create_role(bapi, "org:outside", permissions=needed)

    changed = clerk.instance_settings.update_organization_settings(
        request={"creator_role_id": owner["id"], "domains_default_role_id": vet["id"]}
    )

    assert (changed.creator_role, changed.domains_default_role) == ("org:owner", "org:vet")
    assert changed.initial_role_set_key == "role_set:default"
    bapi.patch(f"/organization_roles/{owner['id']}", json={"key": "org:boss"}).raise_for_status()
    assert clerk.instance_settings.get_organization_settings().creator_role == "org:boss"
    ada = clerk.users.create(email_address=["ada@example.com"])
    clerk.organizations.create(request={"name": "Acme", "created_by": ada.id})
    (membership,) = clerk.users.get_organization_memberships(user_id=ada.id).data
    assert membership.role == "org:boss"
    for role_id, expected in (
        ("role_none", "resource_not_found"),
        (vet["id"], "organization_missing_creator_role_permissions"),
        (outside["id"], "form_param_value_invalid"),
    ):
        answer = bapi.patch("/instance/organization_settings", json={"creator_role_id": role_id})
        assert code(answer) == expected


def test_lists_of_roles_and_permissions_are_ordered_and_cut(bapi: httpx.Client) -> None:
    for key in ("org:b", "org:a"):
        create_role(bapi, key)

    def keys(query: str) -> list[str]:
        return [row["key"] for row in bapi.get(f"/organization_roles?{query}").json()["data"]]

    assert keys("") == ["org:a", "org:b", "org:member", "org:admin"]
    assert keys("order_by=key&limit=2&offset=1") == ["org:admin", "org:b"]
    assert bapi.get("/organization_roles?order_by=members").status_code == 422
    page = bapi.get("/organization_permissions?order_by=key&limit=1").json()
    assert (page["data"][0]["key"], page["total_count"]) == ("org:sys_api_keys:manage", 10)


def test_the_official_models_take_all_of_it(clerk: Clerk) -> None:
    assert isinstance(clerk.organization_roles.list(), models.Roles)
    assert isinstance(clerk.organization_permissions.list(limit=500), models.Permissions)
