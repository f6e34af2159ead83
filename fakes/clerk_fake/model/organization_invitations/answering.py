"""An invitation is accepted by who was invited, or revoked by who thinks better of it."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.authority import check_may_manage_members
from clerk_fake.model.memberships.entity import Membership, membership_of
from clerk_fake.model.memberships.joining import Seat, already_a_member, take_seat
from clerk_fake.model.memberships.quota import check_room_for_members
from clerk_fake.model.organization_invitations.entity import (
    OrganizationInvitation,
    OrganizationInvitationStatus,
    pending_within,
)
from clerk_fake.model.organization_invitations.resource import (
    ORGANIZATION_INVITATIONS,
    tell_of_invitation,
)
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.holders import users_with_address

__all__ = [
    "Revocation",
    "accept_organization_invitation",
    "check_open",
    "forget_invitations_to",
    "revoke_organization_invitation",
    "who_was_invited",
    "withdraw_invitation",
]

CLOSED: Final = {
    OrganizationInvitationStatus.ACCEPTED: (
        "organization_invitation_already_accepted",
        "invitation has already been accepted",
        "This invitation has already been accepted. Sign in instead.",
    ),
    OrganizationInvitationStatus.REVOKED: (
        "organization_invitation_revoked_code",
        "invitation has been revoked",
        "This invitation has been revoked and cannot be used anymore.",
    ),
    OrganizationInvitationStatus.EXPIRED: (
        "ticket_expired_code",
        "ticket has expired",
        "This ticket has expired and cannot be used anymore.",
    ),
}
"""What Clerk says to who follows the link too late."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """What ``POST …/revoke`` takes."""

    requesting_user_id: str | None = None


def revoke_organization_invitation(
    instance: Instance, invitation: OrganizationInvitation, wanted: Revocation, origin: Origin
) -> OrganizationInvitation:
    """Make a pending invitation void; its link is good for nothing any more.

    Raises:
        ApiError: 404, it is not pending, or there is no such user; 403, the user may not do it.
    """
    organization = ORGANIZATIONS.require(instance, invitation.organization_id)
    if wanted.requesting_user_id:
        check_may_manage_members(instance, organization, wanted.requesting_user_id)
    if not invitation.pending_at(instance.clock.now_ms()):
        raise ApiError.of(
            404,
            "organization_invitation_not_pending",
            "not pending",
            "The organization invitation is not in the 'pending' status.",
        )
    return withdraw_invitation(instance, invitation, origin)


def withdraw_invitation(
    instance: Instance, invitation: OrganizationInvitation, origin: Origin
) -> OrganizationInvitation:
    """Make an invitation void, without asking, and emit ``organizationInvitation.revoked``."""
    revoked = ORGANIZATION_INVITATIONS.change(
        instance, invitation, origin, status=OrganizationInvitationStatus.REVOKED
    )
    tell_of_invitation(instance, "revoked", revoked, origin)
    return revoked


def forget_invitations_to(instance: Instance, organization_id: str, origin: Origin) -> None:
    """Withdraw what is pending, and keep no trace of the invitations to an organization."""
    table = ORGANIZATION_INVITATIONS.table(instance)
    for invitation in list(pending_within(instance, organization_id)):
        withdraw_invitation(instance, invitation, origin)
    for invitation in table.find("organization_id", organization_id):
        table.remove(invitation)


def accept_organization_invitation(
    instance: Instance, invitation: OrganizationInvitation, user: User, origin: Origin
) -> Membership:
    """Let the user who was invited into the organization, with the metadata of the invitation.

    Emits ``organizationMembership.created`` and ``organizationInvitation.accepted``.

    Raises:
        ApiError: 400, it was accepted or revoked before, or has expired; or the user is a member
            already; 403, the organization is full.
    """
    check_open(instance, invitation)
    if membership_of(instance, invitation.organization_id, user.id) is not None:
        raise already_a_member(user.id)
    seat = Seat(
        invitation.organization_id,
        user.id,
        invitation.role_id,
        invitation.public_metadata,
        invitation.private_metadata,
    )
    membership = take_seat(instance, seat, origin)
    accepted = ORGANIZATION_INVITATIONS.change(
        instance,
        invitation,
        origin,
        status=OrganizationInvitationStatus.ACCEPTED,
        user_id=user.id,
    )
    tell_of_invitation(instance, "accepted", accepted, origin)
    return membership


def check_open(instance: Instance, invitation: OrganizationInvitation) -> None:
    """Refuse an invitation that nobody can accept now.

    Raises:
        ApiError: 400, it was accepted or revoked before, or has expired; 403, the organization is
            full.
    """
    status = invitation.status_at(instance.clock.now_ms())
    if status is not OrganizationInvitationStatus.PENDING:
        raise ApiError.of(400, *CLOSED[status])
    organization = ORGANIZATIONS.require(instance, invitation.organization_id)
    check_room_for_members(instance, organization, 1, ignoring=invitation.id)


def who_was_invited(instance: Instance, invitation: OrganizationInvitation) -> User | None:
    """Return the user whose address was invited, if there is one."""
    return next(users_with_address(instance, invitation.email_address), None)
