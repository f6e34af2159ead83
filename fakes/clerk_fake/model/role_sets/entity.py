"""A role set. There is one from the start, and always one for new organizations."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import count_members_in_role
from clerk_fake.model.organizations.entity import organizations_with_role_set
from clerk_fake.model.records import Kind
from clerk_fake.model.roles.entity import ADMIN, MEMBER, ROLES, Role
from clerk_fake.state import Noun

__all__ = [
    "ROLE_SETS",
    "RoleSet",
    "RoleSetType",
    "initial_role_set",
    "require_role_set",
    "role_set_of_key",
    "roles_in",
]


class RoleSetType(StrEnum):
    """What a role set is for."""

    INITIAL = "initial"
    """The one of new organizations."""

    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class RoleSet:
    """A role set; times are Unix ms.

    Attributes:
        key: ``role_set:…``.
        role_ids: At least one, at most ten.
        default_role_id: Of those who come in through a domain; one of ``role_ids``.
        creator_role_id: Of those who create an organization; one of ``role_ids``.
    """

    id: str
    name: str
    key: str
    description: str | None
    role_ids: tuple[str, ...]
    default_role_id: str
    creator_role_id: str
    type: RoleSetType
    created_at: int
    updated_at: int


def roles_in(instance: Instance, role_set: RoleSet) -> list[Role]:
    """Return the roles of a set."""
    table = ROLES.table(instance)
    found = (table.get(role_id) for role_id in role_set.role_ids)
    return [role for role in found if role is not None]


def require_role_set(instance: Instance, key_or_id: str) -> RoleSet:
    """Return the role set with this id or this key.

    Raises:
        ApiError: 404, there is none.
    """
    by_key = ROLE_SETS.table(instance).find("key", key_or_id)
    return by_key[0] if by_key else ROLE_SETS.require(instance, key_or_id)


def role_set_of_key(instance: Instance, key: str, param: str) -> RoleSet:
    """Return the role set with this key; ``param`` is what named it.

    Raises:
        ApiError: 404, there is none.
    """
    found = ROLE_SETS.table(instance).find("key", key)
    if not found:
        raise ApiError.of(
            404,
            "resource_not_found",
            "not found",
            f"Role set not found: {key}",
            param_name=param,
        )
    return found[0]


def initial_role_set(instance: Instance) -> RoleSet:
    """Return the role set of new organizations."""
    table = ROLE_SETS.table(instance)
    initial = table.find("type", RoleSetType.INITIAL)
    return initial[0] if initial else next(table.oldest_first())


def _resource(instance: Instance, role_set: RoleSet) -> JsonObject:
    used_by = [each.id for each in organizations_with_role_set(instance, role_set.id)]
    items = {
        role.id: _item(role, count_members_in_role(instance, used_by, role.id))
        for role in roles_in(instance, role_set)
    }
    return {
        "object": "role_set",
        "id": role_set.id,
        "name": role_set.name,
        "key": role_set.key,
        "description": role_set.description,
        "roles": list(items.values()),
        "default_role": items.get(role_set.default_role_id),
        "creator_role": items.get(role_set.creator_role_id),
        "type": role_set.type,
        "role_set_migration": None,
        "created_at": role_set.created_at,
        "updated_at": role_set.updated_at,
    }


def _item(role: Role, members_count: int) -> JsonObject:
    return {
        "object": "role_set_item",
        "id": role.id,
        "name": role.name,
        "key": role.key,
        "description": role.description,
        "members_count": members_count,
        "has_members": members_count > 0,
        "created_at": role.created_at,
        "updated_at": role.updated_at,
    }


def _primary_role_set(instance: Instance) -> Iterator[RoleSet]:
    now = instance.clock.now_ms()
    by_key = {role.key: role.id for role in ROLES.table(instance).oldest_first()}
    some_id = next(iter(by_key.values()))
    admin_id, member_id = by_key.get(ADMIN, some_id), by_key.get(MEMBER, some_id)
    yield RoleSet(
        id=next(ROLE_SETS.original_ids(instance)),
        name="Primary role set",
        key="role_set:default",
        description=None,
        role_ids=tuple(dict.fromkeys((admin_id, member_id))),
        default_role_id=member_id,
        creator_role_id=admin_id,
        type=RoleSetType.INITIAL,
        created_at=now,
        updated_at=now,
    )


ROLE_SETS: Final[Kind[RoleSet]] = Kind(
    Noun(
        "role_sets",
        RoleSet,
        {
            "key": lambda role_set: (role_set.key,),
            "type": lambda role_set: (role_set.type,),
            "role_id": lambda role_set: role_set.role_ids,
        },
    ),
    what="role set",
    prefix="rset",
    wire_name="role_set",
    resource=_resource,
    originals=_primary_role_set,
)
