"""Invitations to the application and to organizations; one that was answered stays answered."""

from dataclasses import replace
from typing import Any, Final, TypeAlias

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.fields import Fields
from clerk_sync.service.nouns.noun import Noun
from clerk_sync.store.invitations import (
    INVITATIONS as TABLE,
)
from clerk_sync.store.invitations import (
    PENDING,
    InvitationProfile,
    StoredInvitation,
)

__all__ = ["INVITATIONS", "read_invitation"]

_Invitation: TypeAlias = InvitationProfile | StoredInvitation


def read_invitation(data: dict[str, Any]) -> InvitationProfile:
    """Read an invitation of either kind, from an event or from the Backend API.

    Raises:
        PayloadError: The id or the version is missing, or a field has another type than Clerk's.
    """
    invitation = Fields(data)
    return InvitationProfile(
        clerk_id=invitation.required_key("id"),
        organization_id=invitation.key("organization_id"),
        email_address=invitation.key("email_address"),
        role=invitation.text("role"),
        status=invitation.text("status"),
        expires_at=invitation.milliseconds("expires_at"),
        public_metadata=invitation.object("public_metadata"),
        private_metadata=invitation.object("private_metadata"),
        clerk_created_at=invitation.milliseconds("created_at"),
        clerk_updated_at=invitation.required_milliseconds("updated_at"),
    )


def _still_answered(new: InvitationProfile, known: _Invitation) -> InvitationProfile:
    """Keep the answer that an invitation got, whatever is told of it afterwards."""
    if known.status in (None, PENDING) or new.status != PENDING:
        return new
    return replace(new, status=known.status)


async def _fetch(clerk: ClerkApi, invitation: _Invitation) -> dict[str, Any] | None:
    return await clerk.get_invitation(invitation.clerk_id, invitation.organization_id)


INVITATIONS: Final[Noun[InvitationProfile, StoredInvitation]] = Noun(
    name="invitation",
    carried_by=frozenset(
        f"{kind}.{what}"
        # Clerk's catalogue of 2025-04-15 has no events of the first; they would be read alike.
        for kind in ("invitation", "organizationInvitation")
        for what in ("created", "accepted", "revoked")
    ),
    deleted_by=frozenset(),
    read=read_invitation,
    load=TABLE.load,
    save=TABLE.save,
    merged=_still_answered,
    bury=TABLE.bury,
    fetch=_fetch,
)
