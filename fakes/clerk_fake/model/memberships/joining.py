"""A user becomes a member of an organization."""

from dataclasses import dataclass, field

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import Membership, membership_of
from clerk_fake.model.memberships.quota import check_room_for_members
from clerk_fake.model.memberships.resource import MEMBERSHIPS
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.role_sets.entity import ROLE_SETS
from clerk_fake.model.roles.entity import Role, role_of_key
from clerk_fake.model.users.entity import require_user

__all__ = [
    "MembershipDraft",
    "Seat",
    "already_a_member",
    "assignable_role",
    "create_membership",
    "take_seat",
]


@dataclass(frozen=True, slots=True)
class MembershipDraft:
    """What ``POST /v1/organizations/{organization_id}/memberships`` takes."""

    user_id: str
    role: str
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seat:
    """Who shall be in which organization, and as what; everything has been checked."""

    organization_id: str
    user_id: str
    role_id: str
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)


def create_membership(
    instance: Instance, organization: Organization, draft: MembershipDraft, origin: Origin
) -> Membership:
    """Let a user into an organization.

    Raises:
        ApiError: 404, there is no such user or role; 400, the user is a member already; 403, the
            organization is full; 422, the role is not in its role set, or metadata is too large.
    """
    user = require_user(instance, draft.user_id)
    role = assignable_role(instance, organization, draft.role)
    check_metadata("public_metadata", draft.public_metadata)
    check_metadata("private_metadata", draft.private_metadata)
    if membership_of(instance, organization.id, user.id) is not None:
        raise already_a_member(user.id)
    check_room_for_members(instance, organization, 1)
    seat = Seat(organization.id, user.id, role.id, draft.public_metadata, draft.private_metadata)
    return take_seat(instance, seat, origin)


def take_seat(instance: Instance, seat: Seat, origin: Origin) -> Membership:
    """Let a user in, without asking, and emit ``organizationMembership.created``."""
    now = instance.clock.now_ms()
    membership = Membership(
        id=MEMBERSHIPS.new_id(instance),
        organization_id=seat.organization_id,
        user_id=seat.user_id,
        role_id=seat.role_id,
        created_at=now,
        updated_at=now,
        public_metadata=seat.public_metadata,
        private_metadata=seat.private_metadata,
    )
    return MEMBERSHIPS.add(instance, membership, origin)


def assignable_role(instance: Instance, organization: Organization, key: str) -> Role:
    """Return the role with this key, which members of the organization may have.

    Raises:
        ApiError: 404, there is none; 422, it is not in the organization's role set.
    """
    role = role_of_key(instance, key, "role")
    role_set = ROLE_SETS.require(instance, organization.role_set_id)
    if role.id not in role_set.role_ids:
        raise ApiError.bad_value("role", f"a role of the role set {role_set.key}")
    return role


def already_a_member(who: str) -> ApiError:
    """Return the refusal of somebody who is in the organization; ``who`` is an id or an address."""
    return ApiError.of(
        400,
        "already_a_member_in_organization",
        "already a member",
        f"{who} is already a member of the organization.",
    )
