"""How many members an organization may have, those included who are still invited."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.entity import count_members
from clerk_fake.model.organization_invitations.entity import pending_within
from clerk_fake.model.organizations.entity import Organization

__all__ = ["check_room_for_members", "has_room_for_members"]


def check_room_for_members(
    instance: Instance, organization: Organization, new: int, *, ignoring: str | None = None
) -> None:
    """Refuse ``new`` more members or invitations when they are too many; see below.

    Raises:
        ApiError: 403 ``organization_membership_quota_exceeded``.
    """
    if not has_room_for_members(instance, organization, new, ignoring=ignoring):
        raise ApiError.of(
            403,
            "organization_membership_quota_exceeded",
            "organization membership quota exceeded",
            f"You have reached your limit of {organization.max_allowed_memberships} "
            "organization memberships, including outstanding invitations.",
        )


def has_room_for_members(
    instance: Instance, organization: Organization, new: int, *, ignoring: str | None = None
) -> bool:
    """Tell whether ``new`` more members or invitations are not too many.

    Args:
        instance: Where.
        organization: Whose members.
        new: How many more.
        ignoring: Id of an invitation that does not count, because it is being accepted.
    """
    most = organization.max_allowed_memberships
    if most == 0:
        return True
    invited = sum(each.id != ignoring for each in pending_within(instance, organization.id))
    return count_members(instance, organization.id) + invited + new <= most
