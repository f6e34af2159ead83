"""An invitation is accepted: by whoever becomes a user with the address that was invited."""

from collections.abc import Iterable, Sequence
from functools import reduce

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import EmailAddress, Standing
from clerk_fake.model.invitations.entity import (
    INVITATIONS,
    Invitation,
    InvitationStatus,
    pending_invitations,
)
from clerk_fake.model.metadata import merge_metadata
from clerk_fake.model.waitlist.commands import complete_waitlist_entries

__all__ = ["accept_invitations", "invitations_of", "metadata_of"]


def invitations_of(instance: Instance, emails: Iterable[EmailAddress]) -> list[Invitation]:
    """Return the invitations that a new user with these addresses accepts, oldest first."""
    return [
        invitation
        for email in emails
        if email.standing is Standing.VERIFIED
        for invitation in pending_invitations(instance, email.email_address)
    ]


def metadata_of(invitations: Sequence[Invitation], own: JsonObject) -> JsonObject:
    """Return the public metadata of invitations, in this order, with the user's ``own`` on top."""
    if not invitations:
        return own
    return reduce(merge_metadata, (*(each.public_metadata for each in invitations), own), {})


def accept_invitations(
    instance: Instance, invitations: Sequence[Invitation], user_id: str, origin: Origin
) -> None:
    """Mark invitations as accepted by a user, who has been told of already.

    Entries of the waitlist behind them are completed.
    """
    for invitation in invitations:
        INVITATIONS.change(
            instance, invitation, origin, status=InvitationStatus.ACCEPTED, user_id=user_id
        )
        complete_waitlist_entries(instance, invitation.id, origin)
