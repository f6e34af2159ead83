"""An invitation to an organization as back ends see it, in answers and in events."""

from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.images import image_url
from clerk_fake.model.memberships.resource import identifier_of
from clerk_fake.model.organization_invitations.entity import (
    INVITATION_NOUN,
    OrganizationInvitation,
)
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.organizations.resource import public_organization_data
from clerk_fake.model.records import Kind
from clerk_fake.model.roles.entity import ROLES
from clerk_fake.model.users.entity import USERS

__all__ = [
    "ORGANIZATION_INVITATIONS",
    "invitation_with_organization",
    "tell_of_invitation",
]


def _resource(instance: Instance, invitation: OrganizationInvitation) -> JsonObject:
    now = instance.clock.now_ms()
    role = ROLES.table(instance).get(invitation.role_id)
    return {
        "object": "organization_invitation",
        "id": invitation.id,
        "email_address": invitation.email_address,
        "role": "" if role is None else role.key,
        "role_name": "" if role is None else role.name,
        "organization_id": invitation.organization_id,
        "inviter_id": invitation.inviter_id,
        "public_inviter_data": _inviter(instance, invitation),
        "status": invitation.status_at(now),
        "public_metadata": invitation.public_metadata,
        "private_metadata": invitation.private_metadata,
        "url": invitation.url if invitation.pending_at(now) else None,
        "expires_at": invitation.expires_at,
        "created_at": invitation.created_at,
        "updated_at": invitation.updated_at,
    }


def _inviter(instance: Instance, invitation: OrganizationInvitation) -> JsonObject | None:
    inviter = instance.state.of(USERS).get(invitation.inviter_id or "")
    if inviter is None:
        return None
    return {
        "user_id": inviter.id,
        "first_name": inviter.first_name,
        "last_name": inviter.last_name,
        "image_url": image_url(instance.home_url, inviter.image_id),
        "has_image": inviter.image_id is not None,
        "identifier": identifier_of(inviter) or "",
    }


ORGANIZATION_INVITATIONS: Final = Kind(
    INVITATION_NOUN,
    what="organization invitation",
    prefix="orginv",
    wire_name="organization_invitation",
    resource=_resource,
)
"""Its events are told by ``tell_of_invitation``: they say more, and there is none for a change."""


def invitation_with_organization(
    instance: Instance, invitation: OrganizationInvitation
) -> JsonObject:
    """Return the invitation together with what everybody may know of the organization."""
    return {**_resource(instance, invitation), **_organization(instance, invitation)}


def tell_of_invitation(
    instance: Instance, what: str, invitation: OrganizationInvitation, origin: Origin
) -> None:
    """Emit ``organizationInvitation.<what>``."""
    acceptor = {} if invitation.user_id is None else {"user_id": invitation.user_id}
    told = {
        **_resource(instance, invitation),
        **acceptor,
        "data": _organization(instance, invitation),
    }
    instance.log.append(f"organizationInvitation.{what}", told, origin)


def _organization(instance: Instance, invitation: OrganizationInvitation) -> JsonObject:
    organization = instance.state.of(ORGANIZATION_NOUN).get(invitation.organization_id)
    if organization is None:
        return {}
    return {"public_organization_data": public_organization_data(instance, organization)}
