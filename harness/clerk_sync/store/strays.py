"""Statements that find living records which Clerk did not list."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import invitations, memberships, organizations, roles, users

__all__ = ["Part", "count_living", "newest_users", "strays"]


class Part(StrEnum):
    """The records that one list of Clerk's is about."""

    USERS = "users"
    ORGANIZATIONS = "organizations"
    ROLES = "roles"
    MEMBERSHIPS = "memberships"
    INVITATIONS = "invitations"
    REVOKED_INVITATIONS = "revoked invitations"
    ORGANIZATION_INVITATIONS = "organization invitations"


_TO_APPLICATION: Final = invitations.c.organization_id.is_(None)
_REVOKED: Final = invitations.c.status.is_not_distinct_from("revoked")
_TABLES: Final = {
    Part.USERS: (users, users.c.active),
    Part.ORGANIZATIONS: (organizations, organizations.c.active),
    Part.ROLES: (roles, roles.c.active),
    Part.MEMBERSHIPS: (memberships, memberships.c.active),
    Part.INVITATIONS: (
        invitations,
        and_(invitations.c.active, _TO_APPLICATION, not_(_REVOKED)),
    ),
    Part.REVOKED_INVITATIONS: (
        invitations,
        and_(invitations.c.active, _TO_APPLICATION, _REVOKED),
    ),
    Part.ORGANIZATION_INVITATIONS: (
        invitations,
        and_(invitations.c.active, invitations.c.organization_id.is_not(None)),
    ),
}


async def strays(
    connection: AsyncConnection,
    part: Part,
    *,
    listed: Collection[str],
    since: int | None,
    before: int | None,
) -> list[str]:
    """Return the ids of living records that Clerk made in a span of time and did not list.

    Args:
        connection: In a transaction.
        part: Which records.
        listed: What Clerk listed of that span.
        since: Unix milliseconds where the span begins; from the very first when ``None``.
        before: Where it ends, itself outside; when ``None`` there is no end, and records of which
            it is not known when they were made belong to it.
    """
    table, living = _TABLES[part]
    made: ColumnElement[int | None] = table.c.clerk_created_at
    span: list[ColumnElement[bool]] = [] if since is None else [made >= since]
    if before is not None:
        span.append(made < before)
    within: ColumnElement[bool] = and_(*span) if span else made.is_not(None)
    if before is None:
        within = or_(within, made.is_(None))
    statement = select(table.c.clerk_id).where(
        living, within, table.c.clerk_id != func.all(bindparam("listed", value=list(listed)))
    )
    return list((await connection.execute(statement)).scalars())


async def newest_users(connection: AsyncConnection, *, limit: int) -> list[str]:
    """Return the ids of the living users that came last."""
    statement = (
        select(users.c.clerk_id).where(users.c.active).order_by(users.c.seq.desc()).limit(limit)
    )
    return list((await connection.execute(statement)).scalars())


async def count_living(connection: AsyncConnection, part: Part) -> int:
    """Return how many living records there are."""
    table, living = _TABLES[part]
    statement = select(func.count()).select_from(table).where(living)
    return (await connection.execute(statement)).scalar_one()
