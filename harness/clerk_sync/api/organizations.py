"""``/organizations/{id}/members``: for those who are in it, and for the operator."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from clerk_sync.api.auth import CurrentContext, Reader
from clerk_sync.api.ids import ClerkId
from clerk_sync.api.paging import After, Limit, page
from clerk_sync.service.members import members_of
from clerk_sync.store.memberships import Member

__all__ = ["router"]

router = APIRouter()


@router.get("/organizations/{clerk_id}/members")
async def members(
    clerk_id: ClerkId,
    reader: Reader,
    context: CurrentContext,
    after: After = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Return who is in an organization, with their roles."""
    found = await members_of(context.engine, clerk_id, reader=reader, after=after, limit=limit)
    return page(found, limit, _render)


def _render(member: Member) -> dict[str, Any]:
    record = asdict(member)
    del record["seq"]
    return {"membership_id": record.pop("clerk_id"), **record}
