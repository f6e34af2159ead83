"""Members get another role, because theirs leaves the role set or the whole set goes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import members_in_role, memberships_of_organization
from clerk_fake.model.memberships.resource import MEMBERSHIPS
from clerk_fake.model.organization_invitations.entity import INVITATION_NOUN, pending_within
from clerk_fake.model.organizations.entity import Organization, organizations_with_role_set
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.role_sets.commands import check_creator_role, make_initial
from clerk_fake.model.role_sets.entity import (
    ROLE_SETS,
    RoleSet,
    RoleSetType,
    role_set_of_key,
    roles_in,
)
from clerk_fake.model.roles.entity import Role, role_of_key

__all__ = ["RoleReplacement", "RoleSetReplacement", "replace_role", "replace_role_set"]

MAPPINGS: Final = "reassignment_mappings"


@dataclass(frozen=True, slots=True)
class RoleReplacement:
    """What ``POST …/roles/replace`` takes; roles are keys."""

    role_key: str
    to_role_key: str


@dataclass(frozen=True, slots=True)
class RoleSetReplacement:
    """What ``POST …/replace`` takes; ``reassignment_mappings`` says role key → role key."""

    dest_role_set_key: str
    reassignment_mappings: JsonObject | None = None


def replace_role(
    instance: Instance, role_set: RoleSet, wanted: RoleReplacement, origin: Origin
) -> RoleSet:
    """Take a role out of a set and give its members another, which comes into its place.

    Raises:
        ApiError: 404, there is no such role, or it is not in the set; 422, both are one, or
            creators would have too few permissions.
    """
    old = _in_set(instance, role_set, wanted.role_key)
    new = role_of_key(instance, wanted.to_role_key, "to_role_key")
    if old.id == new.id:
        raise ApiError.bad_value("to_role_key", "another role")
    creator_role_id = role_set.creator_role_id
    if creator_role_id == old.id:
        check_creator_role(instance, new)
        creator_role_id = new.id
    default_role_id = role_set.default_role_id
    role_ids = (new.id if each == old.id else each for each in role_set.role_ids)
    changed = ROLE_SETS.change(
        instance,
        role_set,
        origin,
        role_ids=tuple(dict.fromkeys(role_ids)),
        creator_role_id=creator_role_id,
        default_role_id=new.id if default_role_id == old.id else default_role_id,
    )
    for organization in organizations_with_role_set(instance, role_set.id):
        _move(instance, organization, {old.id: new.id}, origin)
    return changed


def replace_role_set(
    instance: Instance, role_set: RoleSet, wanted: RoleSetReplacement, origin: Origin
) -> None:
    """Give all organizations of a role set another one, and forget it.

    Raises:
        ApiError: 404, there is no such role set; 422, both are one, or a member (or somebody
            invited) has a role that the other set has not, and nothing is said of it.
    """
    other = role_set_of_key(instance, wanted.dest_role_set_key, "dest_role_set_key")
    if other.id == role_set.id:
        raise ApiError.bad_value("dest_role_set_key", "the key of another role set")
    moves = _moves(instance, role_set, other, wanted.reassignment_mappings or {})
    organizations = organizations_with_role_set(instance, role_set.id)
    for organization in organizations:
        _check_all_fit(instance, organization, other, moves)
    if role_set.type is RoleSetType.INITIAL:
        make_initial(instance, other, origin)
    for organization in organizations:
        ORGANIZATIONS.change(instance, organization, origin, role_set_id=other.id)
        _move(instance, organization, moves, origin)
    ROLE_SETS.remove(instance, role_set, origin)


def _in_set(instance: Instance, role_set: RoleSet, key: str) -> Role:
    role = role_of_key(instance, key, "role_key")
    if role.id not in role_set.role_ids:
        raise ApiError.not_found("role in this role set", key)
    return role


def _moves(
    instance: Instance, source: RoleSet, target: RoleSet, mappings: JsonObject
) -> dict[str, str]:
    """Return id of a role → id of the role that its members get."""
    sources = {role.key: role.id for role in roles_in(instance, source)}
    targets = {role.key: role.id for role in roles_in(instance, target)}
    for old, new in mappings.items():
        if old not in sources or not isinstance(new, str) or new not in targets:
            raise ApiError.bad_value(
                MAPPINGS, "from keys of roles of this role set to keys of roles of the other"
            )
    return {sources[old]: targets[new] for old, new in mappings.items()}


def _check_all_fit(
    instance: Instance, organization: Organization, role_set: RoleSet, moves: Mapping[str, str]
) -> None:
    fine = {*role_set.role_ids, *moves}
    if any(role_id not in fine for role_id in _roles_in_use(instance, organization)):
        raise ApiError.missing_param(MAPPINGS)


def _roles_in_use(instance: Instance, organization: Organization) -> Iterable[str]:
    yield from (each.role_id for each in pending_within(instance, organization.id))
    yield from (each.role_id for each in memberships_of_organization(instance, organization.id))


def _move(
    instance: Instance, organization: Organization, moves: Mapping[str, str], origin: Origin
) -> None:
    for old, new in moves.items():
        for membership in members_in_role(instance, organization.id, old):
            MEMBERSHIPS.change(instance, membership, origin, role_id=new)
    invitations = instance.state.of(INVITATION_NOUN)
    for invitation in list(pending_within(instance, organization.id)):
        if invitation.role_id in moves:
            invitations.put(replace(invitation, role_id=moves[invitation.role_id]))
