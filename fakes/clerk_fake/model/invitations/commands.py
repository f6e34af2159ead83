"""Invite people to the application, one by one or in bulk, and think better of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.identifications import Standing, check_email_address
from clerk_fake.model.identifications.kinds import EMAIL_ADDRESSES
from clerk_fake.model.invitations.entity import (
    INVITATIONS,
    LIFECYCLE,
    Invitation,
    InvitationStatus,
    pending_invitations,
)
from clerk_fake.model.mailbox import Email, send_email
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.urls import check_url
from clerk_fake.model.users.uniqueness import check_identifier_free
from clerk_fake.tokens.tickets import Ticket, sign_ticket, ticket_url

__all__ = [
    "InvitationDraft",
    "create_invitation",
    "create_invitations",
    "revoke_invitation",
]

DAY_MS: Final = 24 * 60 * 60 * 1000
DEFAULT_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class InvitationDraft:
    """What ``POST /v1/invitations`` takes."""

    email_address: str
    public_metadata: JsonObject = field(default_factory=dict)
    redirect_url: str | None = None
    notify: bool = True
    ignore_existing: bool = False
    expires_in_days: Annotated[int, Between(1, 365)] = DEFAULT_DAYS
    template_slug: Literal["invitation", "waitlist_invitation"] = "invitation"


def create_invitation(instance: Instance, draft: InvitationDraft, origin: Origin) -> Invitation:
    """Invite somebody, by e-mail unless that is not wanted.

    Raises:
        ApiError: 422, the address is malformed or a user's; 400, it is invited already. The two
            latter do not matter with ``ignore_existing``.
    """
    address = _checked(draft)
    if not draft.ignore_existing:
        check_identifier_free(instance, EMAIL_ADDRESSES, address, Standing.VERIFIED)
        _check_new(instance, [address], among=[address])
    return _add(instance, draft, address, origin)


def create_invitations(
    instance: Instance, drafts: Sequence[InvitationDraft], origin: Origin
) -> list[Invitation]:
    """Invite all of them or nobody.

    Raises:
        ApiError: As for one, but a user's address is refused even with ``ignore_existing``.
    """
    addresses = [_checked(draft) for draft in drafts]
    for address in addresses:
        check_identifier_free(instance, EMAIL_ADDRESSES, address, Standing.VERIFIED)
    strict = [
        address
        for draft, address in zip(drafts, addresses, strict=True)
        if not draft.ignore_existing
    ]
    _check_new(instance, strict, among=addresses)
    return [
        _add(instance, draft, address, origin)
        for draft, address in zip(drafts, addresses, strict=True)
    ]


def revoke_invitation(instance: Instance, invitation: Invitation, origin: Origin) -> Invitation:
    """Make an invitation void; its link is good for nothing any more.

    Raises:
        ApiError: 400, it was accepted or revoked before.
    """
    LIFECYCLE.check(invitation.status_at(instance.clock.now_ms()), InvitationStatus.REVOKED)
    return INVITATIONS.change(instance, invitation, origin, status=InvitationStatus.REVOKED)


def _checked(draft: InvitationDraft) -> str:
    check_metadata("public_metadata", draft.public_metadata)
    if draft.redirect_url:
        check_url(draft.redirect_url, "redirect_url")
    return check_email_address(draft.email_address)


def _check_new(instance: Instance, addresses: Sequence[str], *, among: Sequence[str]) -> None:
    """Refuse addresses that are invited already, or more than once ``among`` those of a request."""
    asked = Counter(among)
    twice = [
        address
        for address in dict.fromkeys(addresses)
        if asked[address] > 1 or any(pending_invitations(instance, address))
    ]
    if twice:
        raise ApiError.of(
            400,
            "duplicate_record",
            "duplicate invitation",
            "There are already pending invitations for the following email addresses: "
            + ", ".join(twice),
            email_addresses=twice,
        )


def _add(instance: Instance, draft: InvitationDraft, address: str, origin: Origin) -> Invitation:
    now = instance.clock.now_ms()
    invitation_id = INVITATIONS.new_id(instance)
    expires_at = now + draft.expires_in_days * DAY_MS
    ticket = Ticket(
        kind="invitation",
        instance_id=instance.id,
        source_id=invitation_id,
        expires_at_s=expires_at // 1000,
        redirect_url=draft.redirect_url or None,
    )
    invitation = Invitation(
        id=invitation_id,
        email_address=address,
        status=InvitationStatus.PENDING,
        public_metadata=draft.public_metadata,
        url=ticket_url(instance.identity.issuer, sign_ticket(ticket, instance.signing_key)),
        expires_at=expires_at,
        created_at=now,
        updated_at=now,
        notified=draft.notify,
        redirect_url=ticket.redirect_url,
        template_slug=draft.template_slug,
    )
    INVITATIONS.add(instance, invitation, origin)
    if draft.notify:
        _send(instance, invitation, draft.expires_in_days, origin)
    return invitation


def _send(instance: Instance, invitation: Invitation, days: int, origin: Origin) -> None:
    email = Email(
        slug=invitation.template_slug,
        to_email_address=invitation.email_address,
        data={
            "action_url": invitation.url,
            "invitation": {
                "expires_in_days": days,
                "public_metadata": invitation.public_metadata,
            },
        },
    )
    send_email(instance, email, origin)
