"""What may become of a membership."""

from dataclasses import dataclass

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import Membership
from clerk_fake.model.memberships.joining import assignable_role
from clerk_fake.model.memberships.resource import MEMBERSHIPS, role_of
from clerk_fake.model.metadata import check_metadata, merge_metadata
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.resource import ORGANIZATIONS, count_elevated_members
from clerk_fake.model.roles.entity import eligible_for_creators
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "MembershipChange",
    "MembershipMetadata",
    "change_membership",
    "check_somebody_is_left",
    "merge_membership_metadata",
]


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """What ``PATCH …/memberships/{user_id}`` takes."""

    role: str


@dataclass(frozen=True, slots=True)
class MembershipMetadata:
    """What ``PATCH …/memberships/{user_id}/metadata`` takes."""

    public_metadata: JsonObject | Unset = UNSET
    private_metadata: JsonObject | Unset = UNSET


def change_membership(
    instance: Instance, membership: Membership, change: MembershipChange, origin: Origin
) -> Membership:
    """Give a member another role.

    Raises:
        ApiError: 404, there is no such role; 422, it is not in the organization's role set; 400,
            nobody would be left to run the organization.
    """
    organization = ORGANIZATIONS.require(instance, membership.organization_id)
    role = assignable_role(instance, organization, change.role)
    if not eligible_for_creators(instance, role):
        check_somebody_is_left(instance, organization, membership)
    return MEMBERSHIPS.change(instance, membership, origin, role_id=role.id)


def merge_membership_metadata(
    instance: Instance, membership: Membership, change: MembershipMetadata, origin: Origin
) -> Membership:
    """Merge metadata in at every level; ``null`` removes a key.

    Raises:
        ApiError: 422, the result is too large.
    """
    merged = {}
    for name in ("public_metadata", "private_metadata"):
        changes = getattr(change, name)
        if not isinstance(changes, Unset):
            whole = merge_metadata(getattr(membership, name), changes)
            merged[name] = check_metadata(name, whole)
    return MEMBERSHIPS.change(instance, membership, origin, **merged)


def check_somebody_is_left(
    instance: Instance, organization: Organization, membership: Membership
) -> None:
    """Refuse to lose the last member who can run the organization.

    Raises:
        ApiError: 400 ``organization_minimum_permissions_needed``.
    """
    elevated = eligible_for_creators(instance, role_of(instance, membership))
    if elevated and count_elevated_members(instance, organization) == 1:
        raise ApiError.of(
            400,
            "organization_minimum_permissions_needed",
            "minimum organization permissions needed",
            "There has to be at least one organization member with the minimum required "
            "permissions",
        )
