"""Invite people to an organization, one by one or in bulk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.identifications import check_email_address
from clerk_fake.model.memberships.authority import check_may_manage_members
from clerk_fake.model.memberships.entity import membership_of
from clerk_fake.model.memberships.joining import already_a_member, assignable_role
from clerk_fake.model.memberships.quota import check_room_for_members
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.organization_invitations.entity import (
    OrganizationInvitation,
    OrganizationInvitationStatus,
    pending_within,
)
from clerk_fake.model.organization_invitations.letter import send_invitation
from clerk_fake.model.organization_invitations.resource import (
    ORGANIZATION_INVITATIONS,
    tell_of_invitation,
)
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.urls import check_url
from clerk_fake.model.users.holders import users_with_address
from clerk_fake.tokens.tickets import Ticket, sign_ticket, ticket_url

__all__ = [
    "TICKET_KIND",
    "OrganizationInvitationDraft",
    "Wanted",
    "create_organization_invitation",
    "create_organization_invitations",
    "invite",
]

DAY_MS: Final = 24 * 60 * 60 * 1000
DEFAULT_DAYS: Final = 30
TICKET_KIND: Final = "organization_invitation"


@dataclass(frozen=True, slots=True)
class OrganizationInvitationDraft:
    """What ``POST /v1/organizations/{organization_id}/invitations`` takes."""

    email_address: str
    role: str
    inviter_user_id: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    redirect_url: str | None = None
    expires_in_days: Annotated[int, Between(1, 365)] = DEFAULT_DAYS
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invitation that shall be made; everything has been checked."""

    email_address: str
    role_id: str
    days: int = DEFAULT_DAYS
    inviter_id: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    redirect_url: str | None = None
    notify: bool = True
    domain_id: str | None = None


def create_organization_invitation(
    instance: Instance,
    organization: Organization,
    draft: OrganizationInvitationDraft,
    origin: Origin,
) -> OrganizationInvitation:
    """Invite somebody.

    Raises:
        ApiError: 404, there is no such role or inviter; 403, the inviter may not invite, or the
            organization is full; 400, the address is a member's or is invited already; 422,
            something is malformed.
    """
    (invitation,) = create_organization_invitations(instance, organization, [draft], origin)
    return invitation


def create_organization_invitations(
    instance: Instance,
    organization: Organization,
    drafts: Sequence[OrganizationInvitationDraft],
    origin: Origin,
) -> list[OrganizationInvitation]:
    """Invite all of them or nobody.

    Raises:
        ApiError: As for one.
    """
    wanted = [_checked(instance, organization, draft) for draft in drafts]
    addresses = [each.email_address for each in wanted]
    for address in addresses:
        _check_outside(instance, organization, address)
    _check_not_invited(instance, organization, addresses)
    check_room_for_members(instance, organization, len(wanted))
    return [invite(instance, organization, each, origin) for each in wanted]


def invite(
    instance: Instance, organization: Organization, wanted: Wanted, origin: Origin
) -> OrganizationInvitation:
    """Invite somebody, without asking, and emit ``organizationInvitation.created``."""
    now = instance.clock.now_ms()
    invitation_id = ORGANIZATION_INVITATIONS.new_id(instance)
    expires_at = now + wanted.days * DAY_MS
    ticket = Ticket(
        kind=TICKET_KIND,
        instance_id=instance.id,
        source_id=invitation_id,
        expires_at_s=expires_at // 1000,
        redirect_url=wanted.redirect_url,
    )
    invitation = OrganizationInvitation(
        id=invitation_id,
        organization_id=organization.id,
        email_address=wanted.email_address,
        role_id=wanted.role_id,
        status=OrganizationInvitationStatus.PENDING,
        url=ticket_url(instance.identity.issuer, sign_ticket(ticket, instance.signing_key)),
        expires_at=expires_at,
        created_at=now,
        updated_at=now,
        inviter_id=wanted.inviter_id,
        public_metadata=wanted.public_metadata,
        private_metadata=wanted.private_metadata,
        redirect_url=wanted.redirect_url,
        notified=wanted.notify,
        domain_id=wanted.domain_id,
    )
    ORGANIZATION_INVITATIONS.add(instance, invitation, origin)
    tell_of_invitation(instance, "created", invitation, origin)
    if wanted.notify:
        send_invitation(instance, organization, invitation, origin)
    return invitation


def _checked(
    instance: Instance, organization: Organization, draft: OrganizationInvitationDraft
) -> Wanted:
    address = check_email_address(draft.email_address)
    role = assignable_role(instance, organization, draft.role)
    if draft.inviter_user_id:
        check_may_manage_members(instance, organization, draft.inviter_user_id)
    if draft.redirect_url:
        check_url(draft.redirect_url, "redirect_url")
    return Wanted(
        email_address=address,
        role_id=role.id,
        days=draft.expires_in_days,
        inviter_id=draft.inviter_user_id or None,
        public_metadata=check_metadata("public_metadata", draft.public_metadata),
        private_metadata=check_metadata("private_metadata", draft.private_metadata),
        redirect_url=draft.redirect_url or None,
        notify=draft.notify,
    )


def _check_outside(instance: Instance, organization: Organization, address: str) -> None:
    for user in users_with_address(instance, address):
        if membership_of(instance, organization.id, user.id) is not None:
            raise already_a_member(address)


def _check_not_invited(
    instance: Instance, organization: Organization, addresses: Sequence[str]
) -> None:
    invited = Counter(addresses)
    invited.update(
        each.email_address
        for each in pending_within(instance, organization.id)
        if each.domain_id is None
    )
    if any(invited[address] > 1 for address in addresses):
        raise ApiError.of(
            400,
            "organization_invitation_not_unique",
            "organization invitation not unique",
            "Organizations cannot have duplicate pending invitations for an email address.",
        )
