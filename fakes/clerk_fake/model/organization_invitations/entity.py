"""An invitation to an organization, as an instance remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Noun

__all__ = [
    "INVITATION_NOUN",
    "OrganizationInvitation",
    "OrganizationInvitationStatus",
    "invitations_to_address",
    "pending_of_domain",
    "pending_with_role",
    "pending_within",
]


class OrganizationInvitationStatus(StrEnum):
    """How far an invitation has come."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    """Never kept: what a pending one is after its time."""


@dataclass(frozen=True, slots=True)
class OrganizationInvitation:
    """An invitation; times are Unix ms.

    Attributes:
        email_address: Lower case.
        status: ``PENDING`` also when it has expired; see ``status_at``.
        url: The link that was sent, with the ticket.
        inviter_id: The member who invites; ``None`` when nobody was named.
        user_id: Who accepted it.
        domain_id: Of the organization domain that made it; ``None`` when somebody did.
    """

    id: str
    organization_id: str
    email_address: str
    role_id: str
    status: OrganizationInvitationStatus
    url: str
    expires_at: int
    created_at: int
    updated_at: int
    inviter_id: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    redirect_url: str | None = None
    notified: bool = True
    user_id: str | None = None
    domain_id: str | None = None

    def status_at(self, now_ms: int) -> OrganizationInvitationStatus:
        """Return how far it has come at this time."""
        if self.status is OrganizationInvitationStatus.PENDING and self.expires_at <= now_ms:
            return OrganizationInvitationStatus.EXPIRED
        return self.status

    def pending_at(self, now_ms: int) -> bool:
        """Tell whether it can be accepted at this time."""
        return self.status_at(now_ms) is OrganizationInvitationStatus.PENDING


def _domain_id(invitation: OrganizationInvitation) -> tuple[str, ...]:
    return () if invitation.domain_id is None else (invitation.domain_id,)


INVITATION_NOUN: Final = Noun(
    "organization_invitations",
    OrganizationInvitation,
    {
        "organization_id": lambda invitation: (invitation.organization_id,),
        "email_address": lambda invitation: (invitation.email_address,),
        "role_id": lambda invitation: (invitation.role_id,),
        "domain_id": _domain_id,
    },
)


def pending_within(instance: Instance, organization_id: str) -> Iterator[OrganizationInvitation]:
    """Yield the invitations to an organization that can be accepted now, oldest first."""
    return _pending(instance, "organization_id", organization_id)


def pending_of_domain(instance: Instance, domain_id: str) -> Iterator[OrganizationInvitation]:
    """Yield the invitations that an organization domain made and that can be accepted now."""
    return _pending(instance, "domain_id", domain_id)


def pending_with_role(instance: Instance, role_id: str) -> Iterator[OrganizationInvitation]:
    """Yield the invitations that would give this role if they were accepted now."""
    return _pending(instance, "role_id", role_id)


def invitations_to_address(instance: Instance, email_address: str) -> list[OrganizationInvitation]:
    """Return all invitations that this address ever got, oldest first."""
    return instance.state.of(INVITATION_NOUN).find("email_address", email_address)


def _pending(instance: Instance, lookup: str, key: str) -> Iterator[OrganizationInvitation]:
    now = instance.clock.now_ms()
    for invitation in instance.state.of(INVITATION_NOUN).find(lookup, key):
        if invitation.pending_at(now):
            yield invitation
