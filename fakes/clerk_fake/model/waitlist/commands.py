"""Put people on the waitlist, let them in, or turn them away."""

from collections.abc import Sequence
from dataclasses import dataclass

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications import check_email_address
from clerk_fake.model.invitations.commands import (
    InvitationDraft,
    create_invitation,
    revoke_invitation,
)
from clerk_fake.model.invitations.entity import INVITATIONS, InvitationStatus
from clerk_fake.model.mailbox import Email, send_email
from clerk_fake.model.waitlist.entity import LIFECYCLE, WAITLIST, WaitlistEntry, WaitlistStatus

__all__ = [
    "Invite",
    "WaitlistDraft",
    "complete_waitlist_entries",
    "create_waitlist_entries",
    "create_waitlist_entry",
    "delete_waitlist_entry",
    "invite_waitlist_entry",
    "reject_waitlist_entry",
]


@dataclass(frozen=True, slots=True)
class WaitlistDraft:
    """What ``POST /v1/waitlist_entries`` takes."""

    email_address: str
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Invite:
    """What ``POST /v1/waitlist_entries/{waitlist_entry_id}/invite`` takes."""

    ignore_existing: bool = False


def create_waitlist_entry(
    instance: Instance, draft: WaitlistDraft, origin: Origin
) -> WaitlistEntry:
    """Put somebody on the waitlist and confirm it; who is on it already stays there as they are.

    Raises:
        ApiError: 422, the address is malformed.
    """
    address = check_email_address(draft.email_address)
    for entry in WAITLIST.table(instance).find("email_address", address):
        return entry
    now = instance.clock.now_ms()
    entry = WaitlistEntry(WAITLIST.new_id(instance), address, WaitlistStatus.PENDING, now, now)
    WAITLIST.add(instance, entry, origin)
    if draft.notify:
        letter = Email(slug="waitlist_confirmation", to_email_address=address)
        send_email(instance, letter, origin)
    return entry


def create_waitlist_entries(
    instance: Instance, drafts: Sequence[WaitlistDraft], origin: Origin
) -> list[WaitlistEntry]:
    """Put all of them on the waitlist, or nobody.

    Raises:
        ApiError: 422, an address is malformed, or there twice.
    """
    addresses = [check_email_address(draft.email_address) for draft in drafts]
    if len(set(addresses)) < len(addresses):
        raise ApiError.duplicate_values("email_address")
    return [create_waitlist_entry(instance, draft, origin) for draft in drafts]


def invite_waitlist_entry(
    instance: Instance, entry: WaitlistEntry, invite: Invite, origin: Origin
) -> WaitlistEntry:
    """Let somebody in: they are sent an invitation. Whoever was turned away can be let in later.

    Raises:
        ApiError: 409, they were invited before, or have come in; 400 and 422, as for invitations.
    """
    _check_unlocked(entry)
    LIFECYCLE.check(entry.status, WaitlistStatus.INVITED)
    draft = InvitationDraft(
        email_address=entry.email_address,
        ignore_existing=invite.ignore_existing,
        template_slug="waitlist_invitation",
    )
    invitation = create_invitation(instance, draft, origin)
    return WAITLIST.change(
        instance,
        entry,
        origin,
        status=WaitlistStatus.INVITED,
        invitation_id=invitation.id,
        invited_at=invitation.created_at,
    )


def reject_waitlist_entry(
    instance: Instance, entry: WaitlistEntry, origin: Origin
) -> WaitlistEntry:
    """Turn somebody away; an invitation that they have is revoked.

    Raises:
        ApiError: 409, they were turned away before, or have come in.
    """
    _check_unlocked(entry)
    LIFECYCLE.check(entry.status, WaitlistStatus.REJECTED)
    invitation = INVITATIONS.table(instance).get(entry.invitation_id or "")
    if invitation is not None and invitation.status is InvitationStatus.PENDING:
        revoke_invitation(instance, invitation, origin)
    return WAITLIST.change(instance, entry, origin, status=WaitlistStatus.REJECTED)


def delete_waitlist_entry(instance: Instance, entry: WaitlistEntry, origin: Origin) -> None:
    """Forget somebody who has been neither invited nor turned away.

    Raises:
        ApiError: 409, they have.
    """
    _check_unlocked(entry)
    if entry.status is not WaitlistStatus.PENDING:
        refusal = LIFECYCLE.refusals[entry.status]()
        raise refusal
    WAITLIST.remove(instance, entry, origin)


def complete_waitlist_entries(instance: Instance, invitation_id: str, origin: Origin) -> None:
    """Note that whoever was invited has come in."""
    for entry in WAITLIST.table(instance).find("invitation_id", invitation_id):
        if LIFECYCLE.allows(entry.status, WaitlistStatus.COMPLETED):
            WAITLIST.change(instance, entry, origin, status=WaitlistStatus.COMPLETED)


def _check_unlocked(entry: WaitlistEntry) -> None:
    if entry.is_locked:
        raise ApiError.of(
            409,
            "waitlist_entry_locked",
            "Waitlist entry is locked",
            "This waitlist entry is locked and cannot be modified at this time. "
            "Please try again later.",
        )
