"""Create, change and delete permissions of one's own."""

from dataclasses import dataclass, fields
from typing import Annotated

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.roles.entity import ROLES
from clerk_fake.model.roles.keys import check_permission_key
from clerk_fake.model.roles.permissions import PERMISSIONS, Permission, PermissionType
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "PermissionChange",
    "PermissionDraft",
    "change_permission",
    "create_permission",
    "delete_permission",
]


@dataclass(frozen=True, slots=True)
class PermissionDraft:
    """What ``POST /v1/organization_permissions`` takes."""

    name: Annotated[str, Length(1, 256)]
    key: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What ``PATCH /v1/organization_permissions/{permission_id}`` takes."""

    name: Annotated[str, Length(1, 256)] | Unset = UNSET
    key: str | Unset = UNSET
    description: str | Unset = UNSET


def create_permission(instance: Instance, draft: PermissionDraft, origin: Origin) -> Permission:
    """Add a permission; no role gives it yet.

    Raises:
        ApiError: 422, the key is malformed, reserved or taken.
    """
    now = instance.clock.now_ms()
    permission = Permission(
        id=PERMISSIONS.new_id(instance),
        name=draft.name,
        key=check_permission_key(instance, PERMISSIONS, draft.key),
        description=draft.description,
        type=PermissionType.CUSTOM,
        created_at=now,
        updated_at=now,
    )
    return PERMISSIONS.add(instance, permission, origin)


def change_permission(
    instance: Instance, permission: Permission, change: PermissionChange, origin: Origin
) -> Permission:
    """Apply ``change``; roles go on giving the permission.

    Raises:
        ApiError: 403, it is one of Clerk's own; 422, the key is malformed, reserved or taken.
    """
    _check_own(permission)
    if change.key not in (UNSET, permission.key):
        check_permission_key(instance, PERMISSIONS, str(change.key))
    wanted = {each.name: getattr(change, each.name) for each in fields(change)}
    given = {name: value for name, value in wanted.items() if value is not UNSET}
    return PERMISSIONS.change(instance, permission, origin, **given)


def delete_permission(instance: Instance, permission: Permission, origin: Origin) -> None:
    """Take a permission from all roles, which are told of as changed, and forget it.

    Raises:
        ApiError: 403, it is one of Clerk's own.
    """
    _check_own(permission)
    for role in list(ROLES.table(instance).oldest_first()):
        if permission.id in role.permission_ids:
            left = tuple(each for each in role.permission_ids if each != permission.id)
            ROLES.change(instance, role, origin, permission_ids=left)
    PERMISSIONS.remove(instance, permission, origin)


def _check_own(permission: Permission) -> None:
    if permission.type is PermissionType.SYSTEM:
        raise ApiError.of(
            403,
            "organization_system_permission_not_modifiable",
            "organization system permission cannot be modified",
            "This organization permission cannot be modified because it is a system permission.",
        )
