"""Somebody follows the link of an invitation to an organization."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.invitations.following import Newcomer
from clerk_fake.model.memberships.entity import Membership
from clerk_fake.model.organization_invitations.answering import (
    accept_organization_invitation,
    check_open,
    who_was_invited,
)
from clerk_fake.model.organization_invitations.entity import OrganizationInvitation
from clerk_fake.model.organization_invitations.inviting import TICKET_KIND
from clerk_fake.model.organization_invitations.resource import ORGANIZATION_INVITATIONS
from clerk_fake.model.users.create import Proof, UserDraft, create_user
from clerk_fake.tokens.tickets import read_ticket

__all__ = ["follow_organization_invitation", "organization_invitation_of_ticket"]


def organization_invitation_of_ticket(
    instance: Instance, token: str
) -> OrganizationInvitation | None:
    """Return the invitation whose link carries this ticket; ``None``: it is of another kind."""
    ticket = read_ticket(token, instance.signing_key)
    if ticket is None or ticket.kind != TICKET_KIND:
        return None
    return ORGANIZATION_INVITATIONS.table(instance).get(ticket.source_id)


def follow_organization_invitation(
    instance: Instance, invitation: OrganizationInvitation, newcomer: Newcomer, origin: Origin
) -> Membership:
    """Accept as the user who has the address, or sign up with it first.

    Raises:
        ApiError: 400, the invitation was accepted or revoked before, or has expired, or the user
            is a member already; 403, the organization is full; 422, what the newcomer says is
            malformed or taken.
    """
    check_open(instance, invitation)
    user = who_was_invited(instance, invitation)
    if user is None:
        draft = UserDraft(
            email_address=(invitation.email_address,),
            username=newcomer.username,
            first_name=newcomer.first_name,
            last_name=newcomer.last_name,
            password=newcomer.password,
        )
        proven = {invitation.email_address: "ticket"}
        user = create_user(instance, draft, origin, proof=Proof(proven))
    return accept_organization_invitation(instance, invitation, user, origin)
