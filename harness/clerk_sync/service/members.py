"""Who may see who is in an organization."""

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import AccessRefusedError, NotFoundError
from clerk_sync.store.memberships import (
    Member,
    is_member,
    list_members,
    organization_exists,
)
from clerk_sync.store.session import transaction
from clerk_sync.store.users import StoredUser

__all__ = ["members_of"]


async def members_of(
    engine: AsyncEngine,
    organization_id: str,
    *,
    reader: StoredUser | None,
    after: int,
    limit: int,
) -> list[Member]:
    """Return members in the order they came.

    Args:
        engine: Postgres.
        organization_id: Which organization.
        reader: Who asks; ``None`` for the operator.
        after: Only those behind this one's ``seq``.
        limit: At most so many.

    Raises:
        AccessRefusedError: The user is in no such organization; whether there is one, or was, is
            told to nobody outside of it.
        NotFoundError: There is none, says the operator's answer.
    """
    async with transaction(engine) as connection:
        if reader is not None and not await is_member(connection, organization_id, reader.clerk_id):
            raise AccessRefusedError(
                "only members see who is in an organization", reason="not_a_member"
            )
        if reader is None and not await organization_exists(connection, organization_id):
            raise NotFoundError("no such organization was synced", reason="organization_not_synced")
        return await list_members(connection, organization_id, after=after, limit=limit)
