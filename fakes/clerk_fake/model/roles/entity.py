"""A role: a name for a set of permissions. Two of them are there from the start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind, Telling
from clerk_fake.model.roles.permissions import PERMISSIONS, Permission, permission_resource
from clerk_fake.state import Noun

__all__ = [
    "ADMIN",
    "CREATOR_PERMISSIONS",
    "DEFAULT_KEYS",
    "MEMBER",
    "ROLES",
    "Role",
    "eligible_for_creators",
    "permissions_of",
    "role_of_key",
]

ADMIN: Final = "org:admin"
MEMBER: Final = "org:member"
DEFAULT_KEYS: Final = (ADMIN, MEMBER)

CREATOR_PERMISSIONS: Final = (
    "org:sys_memberships:manage",
    "org:sys_memberships:read",
    "org:sys_profile:delete",
)
"""Without these nobody can run an organization."""

MEMBER_PERMISSIONS: Final = ("org:sys_memberships:read", "org:sys_billing:read")


@dataclass(frozen=True, slots=True)
class Role:
    """A role; times are Unix ms.

    Attributes:
        key: ``org:…``.
        permission_ids: Of ``PERMISSIONS``, each once.
    """

    id: str
    name: str
    key: str
    description: str | None
    permission_ids: tuple[str, ...]
    created_at: int
    updated_at: int


def permissions_of(instance: Instance, role: Role) -> list[Permission]:
    """Return the permissions that a role gives."""
    table = PERMISSIONS.table(instance)
    found = (table.get(permission_id) for permission_id in role.permission_ids)
    return [permission for permission in found if permission is not None]


def eligible_for_creators(instance: Instance, role: Role) -> bool:
    """Tell whether the role gives what the creator of an organization needs."""
    keys = {permission.key for permission in permissions_of(instance, role)}
    return keys.issuperset(CREATOR_PERMISSIONS)


def role_of_key(instance: Instance, key: str, param: str) -> Role:
    """Return the role with this key; ``param`` is what named it.

    Raises:
        ApiError: 404, there is none.
    """
    found = ROLES.table(instance).find("key", key)
    if not found:
        raise ApiError.of(
            404,
            "resource_not_found",
            "not found",
            f"Organization role not found: {key}",
            param_name=param,
        )
    return found[0]


def _resource(instance: Instance, role: Role) -> JsonObject:
    return {
        "object": "role",
        "id": role.id,
        "name": role.name,
        "key": role.key,
        "description": role.description,
        "is_creator_eligible": eligible_for_creators(instance, role),
        "permissions": [permission_resource(each) for each in permissions_of(instance, role)],
        "created_at": role.created_at,
        "updated_at": role.updated_at,
    }


def _default_roles(instance: Instance) -> Iterator[Role]:
    now = instance.clock.now_ms()
    ids = ROLES.original_ids(instance)
    by_key = {each.key: each.id for each in PERMISSIONS.table(instance).oldest_first()}
    system_ids = tuple(id_ for key, id_ in by_key.items() if key.startswith("org:sys_"))
    admin = "Role with elevated permissions"
    yield Role(next(ids), "Admin", ADMIN, admin, system_ids, now, now)
    member = "Role with non-privileged permissions"
    few_ids = tuple(by_key[key] for key in MEMBER_PERMISSIONS if key in by_key)
    yield Role(next(ids), "Member", MEMBER, member, few_ids, now, now)


ROLES: Final[Kind[Role]] = Kind(
    Noun("organization_roles", Role, {"key": lambda role: (role.key,)}),
    what="organization role",
    prefix="role",
    wire_name="role",
    resource=_resource,
    telling=Telling("role.created", "role.updated", "role.deleted"),
    originals=_default_roles,
)
