"""A permission: something that members of organizations may do. Clerk's own are there always."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind, Telling
from clerk_fake.state import Noun

__all__ = ["PERMISSIONS", "Permission", "PermissionType", "permission_resource"]

SYSTEM_PERMISSIONS: Final = (
    ("org:sys_profile:manage", "Manage organization", "Permission to manage an organization."),
    ("org:sys_profile:delete", "Delete organization", "Permission to delete an organization."),
    (
        "org:sys_memberships:read",
        "Read members",
        "Permission to read the members of an organization.",
    ),
    (
        "org:sys_memberships:manage",
        "Manage members",
        "Permission to manage the members of an organization.",
    ),
    (
        "org:sys_domains:read",
        "Read domains",
        "Permission to read the domains of an organization.",
    ),
    (
        "org:sys_domains:manage",
        "Manage domains",
        "Permission to manage the domains of an organization.",
    ),
    (
        "org:sys_billing:read",
        "Read billing",
        "Permission to read the billing of an organization.",
    ),
    (
        "org:sys_billing:manage",
        "Manage billing",
        "Permission to manage the billing of an organization.",
    ),
    (
        "org:sys_api_keys:read",
        "Read API keys",
        "Permission to read the API keys of an organization.",
    ),
    (
        "org:sys_api_keys:manage",
        "Manage API keys",
        "Permission to manage the API keys of an organization.",
    ),
)
"""Key, name, description."""


class PermissionType(StrEnum):
    """Whose it is."""

    SYSTEM = "system"
    """Clerk's: it cannot be changed, and no token tells of it."""

    CUSTOM = "user"


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission; times are Unix ms.

    Attributes:
        key: ``org:<feature>:<action>``.
    """

    id: str
    name: str
    key: str
    description: str
    type: PermissionType
    created_at: int
    updated_at: int

    @property
    def feature(self) -> str:
        """The middle of the key."""
        return self.key.split(":")[1]

    @property
    def action(self) -> str:
        """The end of the key."""
        return self.key.split(":")[2]


def permission_resource(permission: Permission) -> JsonObject:
    """Return the permission as Clerk writes it."""
    return {
        "object": "permission",
        "id": permission.id,
        "name": permission.name,
        "key": permission.key,
        "description": permission.description,
        "type": permission.type,
        "created_at": permission.created_at,
        "updated_at": permission.updated_at,
    }


def _system_permissions(instance: Instance) -> Iterator[Permission]:
    now = instance.clock.now_ms()
    ids = PERMISSIONS.original_ids(instance)
    for (key, name, description), permission_id in zip(SYSTEM_PERMISSIONS, ids, strict=False):
        yield Permission(permission_id, name, key, description, PermissionType.SYSTEM, now, now)


PERMISSIONS: Final[Kind[Permission]] = Kind(
    Noun("organization_permissions", Permission, {"key": lambda permission: (permission.key,)}),
    what="organization permission",
    prefix="perm",
    wire_name="permission",
    resource=lambda _instance, permission: permission_resource(permission),
    telling=Telling("permission.created", "permission.updated", "permission.deleted"),
    originals=_system_permissions,
)
