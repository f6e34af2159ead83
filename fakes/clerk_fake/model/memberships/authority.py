"""Whether a user may do something in an organization."""

from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.entity import membership_of
from clerk_fake.model.memberships.resource import role_of
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.roles.entity import permissions_of
from clerk_fake.model.users.entity import require_user

__all__ = ["check_may_manage_members"]

MANAGE_MEMBERS: Final = "org:sys_memberships:manage"


def check_may_manage_members(instance: Instance, organization: Organization, user_id: str) -> None:
    """Refuse a user who may not invite people and revoke invitations.

    Raises:
        ApiError: 404, there is no such user; 403, they are no member, or their role does not give
            the permission.
    """
    user = require_user(instance, user_id)
    membership = membership_of(instance, organization.id, user.id)
    if membership is None:
        raise ApiError.of(
            403,
            "not_a_member_in_organization",
            "not a member",
            "Current user is not a member of the organization. "
            "Only organization members can perform this action.",
        )
    permissions = permissions_of(instance, role_of(instance, membership))
    if MANAGE_MEMBERS not in {permission.key for permission in permissions}:
        raise ApiError.of(
            403,
            "missing_organization_permission",
            "missing permission",
            "Current user is missing an organization permission.",
            permissions=[MANAGE_MEMBERS],
        )
