"""Create, change and delete roles, and say what they give."""

from dataclasses import dataclass, fields
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.role_sets.entity import ROLE_SETS, initial_role_set
from clerk_fake.model.role_sets.sizes import check_role_set_size
from clerk_fake.model.roles.entity import DEFAULT_KEYS, ROLES, Role
from clerk_fake.model.roles.keys import check_role_key
from clerk_fake.model.roles.permissions import PERMISSIONS, Permission
from clerk_fake.model.roles.usage import check_creators_keep, check_unused
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "RoleChange",
    "RoleDraft",
    "assign_permission",
    "change_role",
    "create_role",
    "delete_role",
    "take_permission",
]

MOST_PERMISSIONS: Final = 100


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """What ``POST /v1/organization_roles`` takes; ``permissions`` are ids."""

    name: Annotated[str, Length(1, 256)]
    key: str
    description: str | None = None
    permissions: Annotated[tuple[str, ...], Length(0, MOST_PERMISSIONS)] = ()
    include_in_initial_role_set: bool = False


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What ``PATCH /v1/organization_roles/{organization_role_id}`` takes."""

    name: Annotated[str, Length(1, 256)] | Unset = UNSET
    key: str | Unset = UNSET
    description: str | Unset | None = UNSET
    permissions: Annotated[tuple[str, ...], Length(0, MOST_PERMISSIONS)] | Unset = UNSET


def create_role(instance: Instance, draft: RoleDraft, origin: Origin) -> Role:
    """Add a role, if so wanted to the role set of new organizations as well.

    Raises:
        ApiError: 422, the key is malformed or taken, or the role set is full; 404, there is no
            such permission; 403, there are as many roles as the instance may have.
    """
    key = check_role_key(instance, ROLES, draft.key)
    permission_ids = _checked_permissions(instance, draft.permissions)
    _check_room(instance)
    role_set = initial_role_set(instance)
    if draft.include_in_initial_role_set:
        check_role_set_size(len(role_set.role_ids) + 1, "include_in_initial_role_set")
    now = instance.clock.now_ms()
    role = Role(
        id=ROLES.new_id(instance),
        name=draft.name,
        key=key,
        description=draft.description,
        permission_ids=permission_ids,
        created_at=now,
        updated_at=now,
    )
    added = ROLES.add(instance, role, origin)
    if draft.include_in_initial_role_set:
        ROLE_SETS.change(instance, role_set, origin, role_ids=(*role_set.role_ids, role.id))
    return added


def change_role(instance: Instance, role: Role, change: RoleChange, origin: Origin) -> Role:
    """Apply ``change``; ``permissions`` replaces all that the role gave.

    Raises:
        ApiError: 422, the key is malformed or taken, or creators of organizations would have too
            few permissions; 404, there is no such permission.
    """
    if change.key not in (UNSET, role.key):
        check_role_key(instance, ROLES, str(change.key))
    plain = ("name", "key", "description")
    wanted = {each.name: getattr(change, each.name) for each in fields(change)}
    given = {name: wanted[name] for name in plain if wanted[name] is not UNSET}
    if not isinstance(change.permissions, Unset):
        given["permission_ids"] = _checked_permissions(instance, change.permissions)
        check_creators_keep(instance, role, given["permission_ids"])
    return ROLES.change(instance, role, origin, **given)


def delete_role(instance: Instance, role: Role, origin: Origin) -> None:
    """Take a role out of all role sets and forget it.

    Raises:
        ApiError: 422, it is a creator's or default role, members have it, or somebody is invited
            with it.
    """
    check_unused(instance, role)
    for role_set in ROLE_SETS.table(instance).find("role_id", role.id):
        left = tuple(each for each in role_set.role_ids if each != role.id)
        ROLE_SETS.change(instance, role_set, origin, role_ids=left)
    ROLES.remove(instance, role, origin)


def assign_permission(
    instance: Instance, role: Role, permission: Permission, origin: Origin
) -> Role:
    """Let a role give one more permission.

    Raises:
        ApiError: 409, it does already.
    """
    if permission.id in role.permission_ids:
        raise ApiError.of(
            409,
            "organization_role_permission_association_exists",
            "permission already assigned to role",
            "This organization permission is already associated to this organization role.",
        )
    return ROLES.change(
        instance, role, origin, permission_ids=(*role.permission_ids, permission.id)
    )


def take_permission(instance: Instance, role: Role, permission: Permission, origin: Origin) -> Role:
    """Let a role give one permission less.

    Raises:
        ApiError: 404, it does not give it; 422, creators of organizations need it.
    """
    if permission.id not in role.permission_ids:
        raise ApiError.of(
            404,
            "organization_role_permission_association_not_found",
            "not found",
            "This organization permission is not associated to this organization role.",
        )
    left = tuple(each for each in role.permission_ids if each != permission.id)
    check_creators_keep(instance, role, left)
    return ROLES.change(instance, role, origin, permission_ids=left)


def _checked_permissions(instance: Instance, ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(ids)) < len(ids):
        raise ApiError.duplicate_values("permissions")
    return tuple(PERMISSIONS.require(instance, each).id for each in ids)


def _check_room(instance: Instance) -> None:
    most = settings_of(instance).organizations.max_allowed_roles
    custom = sum(role.key not in DEFAULT_KEYS for role in ROLES.table(instance).oldest_first())
    if custom >= most:
        raise ApiError.of(
            403,
            "organization_instance_roles_quota_exceeded",
            "organization roles for instance quota exceeded",
            f"You have reached your limit of {most} organization roles per instance.",
        )
