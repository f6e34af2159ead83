"""A membership ends."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.changes import check_somebody_is_left
from clerk_fake.model.memberships.entity import Membership, memberships_of_user
from clerk_fake.model.memberships.resource import MEMBERSHIPS
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.sessions.organizations import forget_active_organization

__all__ = ["delete_membership", "remove_membership", "remove_memberships_of_user"]


def delete_membership(
    instance: Instance, organization: Organization, membership: Membership, origin: Origin
) -> None:
    """Put a member out, unless nobody would be left to run the organization.

    Raises:
        ApiError: 400 ``organization_minimum_permissions_needed``.
    """
    check_somebody_is_left(instance, organization, membership)
    remove_membership(instance, membership, origin)


def remove_membership(instance: Instance, membership: Membership, origin: Origin) -> None:
    """End a membership, without asking, and emit ``organizationMembership.deleted``.

    The event carries the whole membership. No session of the user has the organization as its
    active one afterwards.
    """
    last = MEMBERSHIPS.resource(instance, membership)
    MEMBERSHIPS.table(instance).remove(membership)
    forget_active_organization(instance, membership.user_id, membership.organization_id)
    instance.log.append("organizationMembership.deleted", last, origin)


def remove_memberships_of_user(instance: Instance, user_id: str, origin: Origin) -> None:
    """End all memberships of a user who is about to be deleted."""
    for membership in memberships_of_user(instance, user_id):
        remove_membership(instance, membership, origin)
