"""What members of organizations may do: permissions, roles, sets of roles."""

from collections.abc import Mapping
from typing import Final

from walking.callers import Caller
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]


def permissions(call: Caller) -> None:
    body = {"name": "Walk dogs", "key": "org:dogs:walk", "description": "All of them"}
    permission = call("CreateOrganizationPermission", body=body)
    has(permission, body)
    assert call("GetOrganizationPermission", permission["id"]) == permission
    query = {"query": "dogs", "order_by": "-created_at", "limit": 1, "offset": 0}
    assert rows(call("ListOrganizationPermissions", query=query)) == [permission]
    changes = {"name": "Wash dogs", "key": "org:dogs:wash", "description": "Some"}
    changed = call("UpdateOrganizationPermission", permission["id"], body=changes)
    has(changed, changes)
    gone = call("DeleteOrganizationPermission", permission["id"])
    has(gone, {"id": permission["id"], "deleted": True})


def roles(call: Caller) -> None:
    permission = call(
        "CreateOrganizationPermission", body={"name": "Walk dogs", "key": "org:dogs:walk"}
    )
    body = {"name": "Vet", "key": "org:vet", "description": "Knows dogs"}
    role = call(
        "CreateOrganizationRole",
        body={**body, "permissions": [permission["id"]], "include_in_initial_role_set": True},
    )
    has(role, body)
    assert [granted["key"] for granted in role["permissions"]] == ["org:dogs:walk"]
    assert call("GetOrganizationRole", role["id"]) == role
    query = {"query": "vet", "order_by": "-created_at", "limit": 1, "offset": 0}
    assert rows(call("ListOrganizationRoles", query=query)) == [role]
    changes = {"name": "Groom", "key": "org:groom", "description": "Washes dogs"}
    changed = call("UpdateOrganizationRole", role["id"], body={**changes, "permissions": []})
    has(changed, changes)
    assert changed["permissions"] == []
    granted = call("AssignPermissionToOrganizationRole", role["id"], permission["id"])
    assert [one["id"] for one in granted["permissions"]] == [permission["id"]]
    taken = call("RemovePermissionFromOrganizationRole", role["id"], permission["id"])
    assert taken["permissions"] == []
    spare = call("CreateOrganizationRole", body={"name": "Spare", "key": "org:spare"})
    has(call("DeleteOrganizationRole", spare["id"]), {"id": spare["id"], "deleted": True})


def role_sets(call: Caller) -> None:
    call("CreateOrganizationRole", body={"name": "Vet", "key": "org:vet"})
    call("CreateOrganizationRole", body={"name": "Groom", "key": "org:groom"})
    body = {"name": "Practice", "key": "role_set:practice", "description": "Of vets"}
    role_set = call(
        "CreateRoleSet",
        body={
            **body,
            "default_role_key": "org:member",
            "creator_role_key": "org:admin",
            "type": "custom",
            "roles": ["org:member", "org:admin"],
        },
    )
    has(role_set, {**body, "type": "custom"})
    assert call("GetRoleSet", role_set["id"]) == role_set
    assert call("GetRoleSet", "role_set:practice") == role_set
    query = {"query": "pract", "order_by": "-created_at", "limit": 1, "offset": 0}
    assert rows(call("ListRoleSets", query=query)) == [role_set]
    wider = call(
        "AddRolesToRoleSet",
        role_set["id"],
        body={
            "role_keys": ["org:vet"],
            "default_role_key": "org:vet",
            "creator_role_key": "org:admin",
        },
    )
    has(wider["default_role"], {"key": "org:vet"})
    replaced = call(
        "ReplaceRoleInRoleSet",
        role_set["id"],
        body={"role_key": "org:vet", "to_role_key": "org:groom"},
    )
    assert {role["key"] for role in replaced["roles"]} == {"org:member", "org:admin", "org:groom"}
    changes = {"name": "Clinic", "key": "role_set:clinic", "description": "Of grooms"}
    changed = call(
        "UpdateRoleSet",
        role_set["id"],
        body={
            **changes,
            "type": "initial",
            "default_role_key": "org:member",
            "creator_role_key": "org:admin",
        },
    )
    has(changed, {**changes, "type": "initial"})
    other = call(
        "CreateRoleSet",
        body={
            "name": "Other",
            "key": "role_set:other",
            "default_role_key": "org:member",
            "creator_role_key": "org:admin",
            "roles": ["org:member", "org:admin", "org:groom"],
        },
    )
    gone = call(
        "ReplaceRoleSet",
        other["id"],
        body={
            "dest_role_set_key": "role_set:clinic",
            "reassignment_mappings": {"org:groom": "org:member"},
        },
    )
    has(gone, {"id": other["id"]})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Organization Permissions": permissions,
    "Organization Roles": roles,
    "Role Sets": role_sets,
}
