"""The e-mail with which somebody is invited to an organization."""

from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.mailbox import Email, send_email
from clerk_fake.model.organization_invitations.entity import OrganizationInvitation
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.users.entity import USERS

__all__ = ["send_invitation"]

DAY_MS: Final = 24 * 60 * 60 * 1000


def send_invitation(
    instance: Instance,
    organization: Organization,
    invitation: OrganizationInvitation,
    origin: Origin,
) -> None:
    """Send the link of an invitation to who is invited, and emit ``email.created``."""
    inviter = instance.state.of(USERS).get(invitation.inviter_id or "")
    names = () if inviter is None else (inviter.first_name, inviter.last_name)
    email = Email(
        slug="organization_invitation",
        to_email_address=invitation.email_address,
        data={
            "action_url": invitation.url,
            "invitation": {
                "expires_in_days": (invitation.expires_at - invitation.created_at) // DAY_MS,
                "public_metadata": invitation.public_metadata,
            },
            "inviter": {"name": " ".join(name for name in names if name)},
            "org": {"id": organization.id, "name": organization.name},
        },
    )
    send_email(instance, email, origin)
