"""How many members an organization may have, those included who are still invited."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.entity import count_members
from clerk_fake.model.organization_invitations.entity import pending_within
from clerk_fake.model.organizations.entity import Organization

__all__ = ["check_room_for_members"]


def check_room_for_members(
    instance: Instance, organization: Organization, new: int, *, ignoring: str | None = None
) -> None:
    """Refuse ``new`` more members or invitations when they are too many.

    Args:
        instance: Where.
        organization: Whose members.
        new: How many more.
        ignoring: Id of an invitation that does not count, because it is being accepted.

    Raises:
        ApiError: 403 ``organization_membership_quota_exceeded``.
    """
    most = organization.max_allowed_memberships
    if most == 0:
        return
    invited = sum(each.id != ignoring for each in pending_within(instance, organization.id))
    if count_members(instance, organization.id) + invited + new > most:
        raise ApiError.of(
            403,
            "organization_membership_quota_exceeded",
            "organization membership quota exceeded",
            f"You have reached your limit of {most} organization memberships, "
            "including outstanding invitations.",
        )
