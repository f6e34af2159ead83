"""A membership, as an instance remembers it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Noun

__all__ = [
    "MEMBERSHIP_NOUN",
    "Membership",
    "count_members",
    "count_members_in_role",
    "members_in_role",
    "membership_of",
    "memberships_of_organization",
    "memberships_of_user",
]


@dataclass(frozen=True, slots=True)
class Membership:
    """A user in an organization; times are Unix ms."""

    id: str
    organization_id: str
    user_id: str
    role_id: str
    created_at: int
    updated_at: int
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)


MEMBERSHIP_NOUN: Final = Noun(
    "organization_memberships",
    Membership,
    {
        "organization_id": lambda membership: (membership.organization_id,),
        "user_id": lambda membership: (membership.user_id,),
        "role_id": lambda membership: (membership.role_id,),
        "pair": lambda membership: (_pair(membership.organization_id, membership.user_id),),
        "seat": lambda membership: (_pair(membership.organization_id, membership.role_id),),
    },
)


def membership_of(instance: Instance, organization_id: str, user_id: str) -> Membership | None:
    """Return a user's membership in an organization, if there is one."""
    found = instance.state.of(MEMBERSHIP_NOUN).find("pair", _pair(organization_id, user_id))
    return found[0] if found else None


def memberships_of_organization(instance: Instance, organization_id: str) -> list[Membership]:
    """Return all memberships in an organization, in the order in which they came."""
    return instance.state.of(MEMBERSHIP_NOUN).find("organization_id", organization_id)


def memberships_of_user(instance: Instance, user_id: str) -> list[Membership]:
    """Return all memberships of a user, in the order in which they came."""
    return instance.state.of(MEMBERSHIP_NOUN).find("user_id", user_id)


def members_in_role(instance: Instance, organization_id: str, role_id: str) -> list[Membership]:
    """Return the memberships in an organization with this role."""
    return instance.state.of(MEMBERSHIP_NOUN).find("seat", _pair(organization_id, role_id))


def count_members(instance: Instance, organization_id: str) -> int:
    """Return how many members an organization has; costs the same however many."""
    return instance.state.of(MEMBERSHIP_NOUN).count("organization_id", organization_id)


def count_members_in_role(instance: Instance, organization_ids: Iterable[str], role_id: str) -> int:
    """Return how many members of these organizations have this role."""
    table = instance.state.of(MEMBERSHIP_NOUN)
    return sum(table.count("seat", _pair(each, role_id)) for each in organization_ids)


def _pair(organization_id: str, other_id: str) -> str:
    return f"{organization_id} {other_id}"
