"""Statements about invitations, to the application and to organizations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clerk_sync.store.models import invitations
from clerk_sync.store.synced import Json, SyncedTable

__all__ = ["INVITATIONS", "PENDING", "InvitationProfile", "StoredInvitation"]

PENDING: Final = "pending"


@dataclass(frozen=True, slots=True)
class _Invitation:
    """What Clerk's description and our copy have in common; times are unix milliseconds.

    Attributes:
        organization_id: ``None`` for an invitation to the application.
        status: ``pending``, ``accepted``, ``revoked`` or ``expired``, as it was last told.
    """

    clerk_id: str
    organization_id: str | None
    email_address: str | None
    role: str | None
    status: str | None
    expires_at: int | None
    public_metadata: Json | None
    private_metadata: Json | None
    clerk_created_at: int | None

    def status_at(self, now_ms: int) -> str | None:
        """Return the status at this time; Clerk sends no event when an invitation expires."""
        if self.status == PENDING and self.expires_at is not None and self.expires_at <= now_ms:
            return "expired"
        return self.status


@dataclass(frozen=True, slots=True)
class InvitationProfile(_Invitation):
    """What Clerk says of an invitation."""

    clerk_updated_at: int


@dataclass(frozen=True, slots=True)
class StoredInvitation(_Invitation):
    """An invitation as the service holds it; a tombstone of one never seen has no version."""

    clerk_updated_at: int | None
    seq: int
    active: bool
    deleted_at: datetime | None
    applied_svix_id: str


INVITATIONS: Final[SyncedTable[InvitationProfile, StoredInvitation]] = SyncedTable(
    invitations, StoredInvitation
)
