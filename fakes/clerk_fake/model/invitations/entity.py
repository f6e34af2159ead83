"""An invitation, and what may become of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.lifecycle import Lifecycle
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = [
    "INVITATIONS",
    "LIFECYCLE",
    "Invitation",
    "InvitationStatus",
    "already_accepted",
    "invitation_resource",
    "pending_invitations",
]


class InvitationStatus(StrEnum):
    """How far an invitation has come."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    """Never kept: what a pending one is after its time."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation; times are Unix ms.

    Attributes:
        email_address: Lower case.
        status: ``PENDING`` also when it has expired; see ``status_at``.
        url: The link that was sent, with the ticket.
        notified: Whether it was sent by e-mail.
        user_id: Who accepted it.
    """

    id: str
    email_address: str
    status: InvitationStatus
    public_metadata: JsonObject
    url: str
    expires_at: int
    created_at: int
    updated_at: int
    notified: bool = True
    redirect_url: str | None = None
    template_slug: str = "invitation"
    user_id: str | None = None

    def status_at(self, now_ms: int) -> InvitationStatus:
        """Return how far it has come at this time."""
        if self.status is InvitationStatus.PENDING and self.expires_at <= now_ms:
            return InvitationStatus.EXPIRED
        return self.status


def already_accepted() -> ApiError:
    """Return the refusal of what cannot be done to an invitation after its acceptance."""
    message = "Invitation is already accepted, try signing in instead."
    return ApiError.of(400, "invitation_already_accepted", message)


def _already_revoked() -> ApiError:
    return ApiError.of(400, "invitation_already_revoked", "Invitation is already revoked.")


LIFECYCLE: Final = Lifecycle(
    moves={
        InvitationStatus.PENDING: (InvitationStatus.ACCEPTED, InvitationStatus.REVOKED),
        InvitationStatus.EXPIRED: (InvitationStatus.REVOKED,),
    },
    refusals={
        InvitationStatus.ACCEPTED: already_accepted,
        InvitationStatus.REVOKED: _already_revoked,
    },
)


def invitation_resource(instance: Instance, invitation: Invitation) -> JsonObject:
    """Return the invitation as Clerk writes it; there is a link while it can be followed."""
    status = invitation.status_at(instance.clock.now_ms())
    link = {"url": invitation.url} if status is InvitationStatus.PENDING else {}
    return {
        "object": "invitation",
        "id": invitation.id,
        "email_address": invitation.email_address,
        "public_metadata": invitation.public_metadata,
        "revoked": status is InvitationStatus.REVOKED,
        "status": status,
        **link,
        "expires_at": invitation.expires_at,
        "created_at": invitation.created_at,
        "updated_at": invitation.updated_at,
    }


INVITATIONS: Final = Kind(
    Noun(
        "invitations",
        Invitation,
        {"email_address": lambda invitation: (invitation.email_address,)},
    ),
    what="invitation",
    prefix="inv",
    wire_name="invitation",
    resource=invitation_resource,
)


def pending_invitations(instance: Instance, email_address: str) -> Iterator[Invitation]:
    """Yield the invitations to an address that can be accepted now, oldest first."""
    now = instance.clock.now_ms()
    for invitation in INVITATIONS.table(instance).find("email_address", email_address):
        if invitation.status_at(now) is InvitationStatus.PENDING:
            yield invitation
