"""Create and change role sets."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.role_sets.entity import (
    ROLE_SETS,
    RoleSet,
    RoleSetType,
    initial_role_set,
    roles_in,
)
from clerk_fake.model.role_sets.sizes import MOST_ROLES, check_role_set_size
from clerk_fake.model.roles.entity import Role, eligible_for_creators, role_of_key
from clerk_fake.model.roles.keys import check_role_set_key, key_of_name
from clerk_fake.model.roles.usage import too_few_for_creators
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "RoleSetChange",
    "RoleSetDraft",
    "RolesToAdd",
    "add_roles",
    "change_role_set",
    "check_creator_role",
    "create_role_set",
    "make_initial",
]


@dataclass(frozen=True, slots=True)
class RoleSetDraft:
    """What ``POST /v1/role_sets`` takes; roles are keys."""

    name: Annotated[str, Length(1, 256)]
    default_role_key: str
    creator_role_key: str
    roles: Annotated[tuple[str, ...], Length(1, MOST_ROLES)]
    key: str | None = None
    description: str | None = None
    type: RoleSetType = RoleSetType.CUSTOM


@dataclass(frozen=True, slots=True)
class RoleSetChange:
    """What ``PATCH /v1/role_sets/{role_set_key_or_id}`` takes."""

    name: Annotated[str, Length(1, 256)] | Unset = UNSET
    key: str | Unset = UNSET
    description: str | Unset | None = UNSET
    type: RoleSetType | Unset = UNSET
    default_role_key: str | Unset = UNSET
    creator_role_key: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class RolesToAdd:
    """What ``POST /v1/role_sets/{role_set_key_or_id}/roles`` takes."""

    role_keys: Annotated[tuple[str, ...], Length(1, MOST_ROLES)]
    default_role_key: str | None = None
    creator_role_key: str | None = None


def create_role_set(instance: Instance, draft: RoleSetDraft, origin: Origin) -> RoleSet:
    """Add a role set; without a key it gets one that is made from its name.

    Raises:
        ApiError: 422, a key is malformed, taken or not among the roles, or creators would have too
            few permissions; 404, there is no such role; 403, there are as many role sets as the
            instance may have.
    """
    key = check_role_set_key(
        instance, ROLE_SETS, draft.key or f"role_set:{key_of_name(draft.name)}"
    )
    roles = _roles_of_keys(instance, draft.roles, "roles")
    default_role = _among(roles, draft.default_role_key, "default_role_key")
    creator_role = _among(roles, draft.creator_role_key, "creator_role_key")
    check_creator_role(instance, creator_role)
    _check_room(instance)
    now = instance.clock.now_ms()
    role_set = RoleSet(
        id=ROLE_SETS.new_id(instance),
        name=draft.name,
        key=key,
        description=draft.description,
        role_ids=tuple(role.id for role in roles),
        default_role_id=default_role.id,
        creator_role_id=creator_role.id,
        type=RoleSetType.CUSTOM,
        created_at=now,
        updated_at=now,
    )
    added = ROLE_SETS.add(instance, role_set, origin)
    return make_initial(instance, added, origin) if draft.type is RoleSetType.INITIAL else added


def change_role_set(
    instance: Instance, role_set: RoleSet, change: RoleSetChange, origin: Origin
) -> RoleSet:
    """Apply ``change``; a set that becomes the initial one makes the previous one a custom one.

    Raises:
        ApiError: 422, a key is malformed, taken or not among the roles, the initial set shall be
            none any more, or creators would have too few permissions.
    """
    if change.key not in (UNSET, role_set.key):
        check_role_set_key(instance, ROLE_SETS, str(change.key))
    if change.type is RoleSetType.CUSTOM and role_set.type is RoleSetType.INITIAL:
        raise ApiError.bad_value("type", "initial; make another role set the initial one")
    plain = ("name", "key", "description")
    wanted = {each.name: getattr(change, each.name) for each in fields(change)}
    given: dict[str, Any] = {name: wanted[name] for name in plain if wanted[name] is not UNSET}
    roles = roles_in(instance, role_set)
    if not isinstance(change.default_role_key, Unset):
        given["default_role_id"] = _among(roles, change.default_role_key, "default_role_key").id
    if not isinstance(change.creator_role_key, Unset):
        creator_role = _among(roles, change.creator_role_key, "creator_role_key")
        check_creator_role(instance, creator_role)
        given["creator_role_id"] = creator_role.id
    changed = ROLE_SETS.change(instance, role_set, origin, **given)
    return (
        make_initial(instance, changed, origin) if change.type is RoleSetType.INITIAL else changed
    )


def add_roles(instance: Instance, role_set: RoleSet, wanted: RolesToAdd, origin: Origin) -> RoleSet:
    """Let members of organizations with this role set have these roles, too.

    Raises:
        ApiError: 404, there is no such role; 422, a role is in the set already, there are too
            many, or creators would have too few permissions.
    """
    new = _roles_of_keys(instance, wanted.role_keys, "role_keys")
    if any(role.id in role_set.role_ids for role in new):
        raise ApiError.bad_value("role_keys", "keys of roles that are not in the role set yet")
    check_role_set_size(len(role_set.role_ids) + len(new), "role_keys")
    roles = [*roles_in(instance, role_set), *new]
    given: dict[str, Any] = {"role_ids": (*role_set.role_ids, *(role.id for role in new))}
    if wanted.default_role_key:
        given["default_role_id"] = _among(roles, wanted.default_role_key, "default_role_key").id
    if wanted.creator_role_key:
        creator_role = _among(roles, wanted.creator_role_key, "creator_role_key")
        check_creator_role(instance, creator_role)
        given["creator_role_id"] = creator_role.id
    return ROLE_SETS.change(instance, role_set, origin, **given)


def make_initial(instance: Instance, role_set: RoleSet, origin: Origin) -> RoleSet:
    """Give new organizations this role set instead of the one that they got so far."""
    old = initial_role_set(instance)
    if old.id == role_set.id:
        return role_set
    ROLE_SETS.change(instance, old, origin, type=RoleSetType.CUSTOM)
    return ROLE_SETS.change(instance, role_set, origin, type=RoleSetType.INITIAL)


def check_creator_role(instance: Instance, role: Role) -> None:
    """Refuse a creator's role that gives too little.

    Raises:
        ApiError: 422 ``organization_missing_creator_role_permissions``.
    """
    if not eligible_for_creators(instance, role):
        raise too_few_for_creators()


def _roles_of_keys(instance: Instance, keys: Sequence[str], param: str) -> list[Role]:
    if len(set(keys)) < len(keys):
        raise ApiError.duplicate_values(param)
    return [role_of_key(instance, key, param) for key in keys]


def _among(roles: Sequence[Role], key: str, param: str) -> Role:
    for role in roles:
        if role.key == key:
            return role
    raise ApiError.bad_value(param, "the key of a role in the role set")


def _check_room(instance: Instance) -> None:
    most = settings_of(instance).organizations.max_role_sets_allowed
    if len(ROLE_SETS.table(instance)) >= most:
        raise ApiError.of(
            403, "quota_exceeded", "Quota exceeded", "Quota exceeded, you have reached your limit."
        )
