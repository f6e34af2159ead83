"""Statements about organizations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clerk_sync.store.models import organizations
from clerk_sync.store.synced import Json, SyncedTable

__all__ = ["ORGANIZATIONS", "OrganizationProfile", "StoredOrganization"]


@dataclass(frozen=True, slots=True)
class _Organization:
    """What Clerk's description and our copy have in common; times are unix milliseconds."""

    clerk_id: str
    name: str | None
    slug: str | None
    image_url: str | None
    created_by: str | None
    max_allowed_memberships: int | None
    public_metadata: Json | None
    private_metadata: Json | None
    clerk_created_at: int | None


@dataclass(frozen=True, slots=True)
class OrganizationProfile(_Organization):
    """What Clerk says of an organization."""

    clerk_updated_at: int


@dataclass(frozen=True, slots=True)
class StoredOrganization(_Organization):
    """An organization as the service holds it; a tombstone of one never seen has no version."""

    clerk_updated_at: int | None
    seq: int
    active: bool
    deleted_at: datetime | None
    applied_svix_id: str


ORGANIZATIONS: Final[SyncedTable[OrganizationProfile, StoredOrganization]] = SyncedTable(
    organizations, StoredOrganization
)
