"""Statements about the roles of organizations' members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clerk_sync.store.models import roles
from clerk_sync.store.synced import SyncedTable

__all__ = ["ROLES", "RoleProfile", "StoredRole"]


@dataclass(frozen=True, slots=True)
class _Role:
    """What Clerk's description and our copy have in common; times are unix milliseconds."""

    clerk_id: str
    key: str | None
    name: str | None
    description: str | None
    permissions: tuple[str, ...] | None
    clerk_created_at: int | None


@dataclass(frozen=True, slots=True)
class RoleProfile(_Role):
    """What Clerk says of a role; ``permissions`` are their keys."""

    clerk_updated_at: int


@dataclass(frozen=True, slots=True)
class StoredRole(_Role):
    """A role as the service holds it; a tombstone of one never seen has no version.

    Attributes:
        former_keys: Every key that it had before this one.
    """

    clerk_updated_at: int | None
    former_keys: tuple[str, ...] | None
    seq: int
    active: bool
    deleted_at: datetime | None
    applied_svix_id: str


ROLES: Final[SyncedTable[RoleProfile, StoredRole]] = SyncedTable(roles, StoredRole)
