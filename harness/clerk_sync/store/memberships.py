"""Statements about memberships: who is in which organization, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import memberships
from clerk_sync.store.synced import Json, SyncedTable

__all__ = [
    "MEMBERSHIPS",
    "Member",
    "MembershipProfile",
    "StoredMembership",
    "holders_of_seats",
    "is_member",
    "list_members",
    "organization_exists",
]


@dataclass(frozen=True, slots=True)
class _Membership:
    """What Clerk's description and our copy have in common; times are unix milliseconds."""

    clerk_id: str
    organization_id: str | None
    user_id: str | None
    role: str | None
    role_name: str | None
    permissions: tuple[str, ...] | None
    public_metadata: Json | None
    private_metadata: Json | None
    clerk_created_at: int | None

    @property
    def seat(self) -> str:
        """What only one living membership may have: the organization and the user."""
        return f"{self.organization_id}:{self.user_id}"


@dataclass(frozen=True, slots=True)
class MembershipProfile(_Membership):
    """What Clerk says of a membership; its role is the one of that time."""

    clerk_updated_at: int


@dataclass(frozen=True, slots=True)
class StoredMembership(_Membership):
    """A membership as the service holds it; a tombstone of one never seen has no version."""

    clerk_updated_at: int | None
    seq: int
    active: bool
    deleted_at: datetime | None
    applied_svix_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member as other members see them; who the user is may not have been synced yet.

    Attributes:
        role: The key as it is now, as are the name and the permissions.
    """

    seq: int
    clerk_id: str
    user_id: str
    role: str | None
    role_name: str | None
    permissions: tuple[str, ...]
    public_metadata: Json | None
    first_name: str | None
    last_name: str | None
    username: str | None
    image_url: str | None
    clerk_created_at: int | None
    clerk_updated_at: int | None


MEMBERSHIPS: Final[SyncedTable[MembershipProfile, StoredMembership]] = SyncedTable(
    memberships, StoredMembership
)

_SEATS: Final = text("""
    SELECT s.seat, m.clerk_id
    FROM unnest(CAST(:seats AS text[]), CAST(:organization_ids AS text[]),
                CAST(:user_ids AS text[])) AS s(seat, organization_id, user_id)
    JOIN memberships AS m USING (organization_id, user_id)
    WHERE m.active
""")

# No event of a member need have come for any of this: whoever is gone takes their seats along.
_LIVING: Final = """
    m.organization_id = :organization_id AND m.active AND m.user_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM users AS u WHERE u.clerk_id = m.user_id AND NOT u.active)
    AND NOT EXISTS (
        SELECT FROM organizations AS o WHERE o.clerk_id = m.organization_id AND NOT o.active)
"""
_IS_MEMBER: Final = text(f"""
    SELECT EXISTS (SELECT FROM memberships AS m WHERE {_LIVING} AND m.user_id = :user_id)
""")  # noqa: S608 - our own words
# Clerk tells of a changed role, and not of those who have it: whichever was told later counts.
# A role that is younger than the membership's words took the key over from another one.
_MEMBERS: Final = text(f"""
    SELECT m.seq, m.clerk_id, m.user_id,
           coalesce(r.key, m.role) AS role,
           coalesce(r.name, m.role_name) AS role_name,
           coalesce(r.permissions, m.permissions) AS permissions,
           m.public_metadata, u.first_name, u.last_name, u.username, u.image_url,
           m.clerk_created_at, m.clerk_updated_at
    FROM memberships AS m
    LEFT JOIN users AS u ON u.clerk_id = m.user_id
    LEFT JOIN LATERAL (
        SELECT r.key, r.name, r.permissions FROM roles AS r
        WHERE r.active AND r.clerk_updated_at >= m.clerk_updated_at
          AND coalesce(r.clerk_created_at, 0) <= m.clerk_updated_at
          AND (r.key = m.role OR jsonb_exists(CAST(r.former_keys AS jsonb), m.role))
        ORDER BY r.key = m.role DESC, r.clerk_updated_at DESC LIMIT 1) AS r ON true
    WHERE {_LIVING} AND m.seq > :after
    ORDER BY m.seq LIMIT :limit
""")  # noqa: S608 - the same
_EXISTS: Final = text("""
    SELECT coalesce(
        (SELECT o.active FROM organizations AS o WHERE o.clerk_id = :organization_id),
        EXISTS (SELECT FROM memberships AS m WHERE m.organization_id = :organization_id))
""")


async def holders_of_seats(connection: AsyncConnection, seats: Sequence[str]) -> dict[str, str]:
    """Return the living membership that has each of these seats, as far as one has."""
    pairs = [seat.partition(":") for seat in seats]
    found = await connection.execute(
        _SEATS,
        {
            "seats": list(seats),
            "organization_ids": [organization_id for organization_id, _, _ in pairs],
            "user_ids": [user_id for _, _, user_id in pairs],
        },
    )
    return {row.seat: row.clerk_id for row in found}


async def organization_exists(connection: AsyncConnection, organization_id: str) -> bool:
    """Tell whether there is such an organization; one that is only known by members counts."""
    found = await connection.execute(_EXISTS, {"organization_id": organization_id})
    return bool(found.scalar_one())


async def is_member(connection: AsyncConnection, organization_id: str, user_id: str) -> bool:
    """Tell whether the user is in the organization."""
    wanted = {"organization_id": organization_id, "user_id": user_id}
    return bool((await connection.execute(_IS_MEMBER, wanted)).scalar_one())


async def list_members(
    connection: AsyncConnection, organization_id: str, *, after: int, limit: int
) -> list[Member]:
    """Return who is in an organization, in the order they came, from behind ``after``."""
    wanted = {"organization_id": organization_id, "after": after, "limit": limit}
    found = await connection.execute(_MEMBERS, wanted)
    return [
        Member(**{**row._mapping, "permissions": tuple(row.permissions or ())})  # noqa: SLF001 - public
        for row in found
    ]
