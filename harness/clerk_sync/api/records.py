"""What was synced besides users, for the operator: tombstones and private metadata included."""

import time
from dataclasses import asdict
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from clerk_sync.api.auth import CurrentContext, require_operator
from clerk_sync.api.ids import ClerkId
from clerk_sync.api.paging import Limit, add_list, page_by
from clerk_sync.errors import NotFoundError
from clerk_sync.store.invitations import INVITATIONS, StoredInvitation
from clerk_sync.store.memberships import MEMBERSHIPS, StoredMembership
from clerk_sync.store.organizations import ORGANIZATIONS, StoredOrganization
from clerk_sync.store.roles import ROLES, StoredRole
from clerk_sync.store.session import transaction
from clerk_sync.store.sessions import StoredSession, list_closed_sessions

__all__ = ["router"]

AfterId = Annotated[str, Query(max_length=300, pattern="^[^\\x00]*$")]

router = APIRouter(dependencies=[Depends(require_operator)])


@router.get("/organizations/{clerk_id}")
async def organization(clerk_id: ClerkId, context: CurrentContext) -> dict[str, Any]:
    """Return one organization, or its tombstone."""
    async with transaction(context.engine) as connection:
        found = await ORGANIZATIONS.load(connection, [clerk_id])
    if clerk_id not in found:
        raise NotFoundError("no such organization was synced", reason="organization_not_synced")
    return _render(found[clerk_id])


@router.get("/sessions/closed")
async def closed_sessions(
    context: CurrentContext, after: AfterId = "", limit: Limit = 100
) -> dict[str, Any]:
    """Return sessions that are over, in the order of their ids."""
    async with transaction(context.engine) as connection:
        found = await list_closed_sessions(connection, after=after, limit=limit)
    return page_by(found, limit, _render_session, place=attrgetter("clerk_id"))


def _render_session(session: StoredSession) -> dict[str, Any]:
    return {
        "session_id": session.clerk_id,
        "user_id": session.user_id,
        "status": session.status,
        "closed_at": session.closed_at.isoformat() if session.closed_at else None,
    }


def _render(
    record: StoredOrganization | StoredMembership | StoredRole | StoredInvitation,
) -> dict[str, Any]:
    shown = asdict(record)
    del shown["seq"]
    shown["deleted_at"] = record.deleted_at.isoformat() if record.deleted_at else None
    return shown


def _render_invitation(invitation: StoredInvitation) -> dict[str, Any]:
    return _render(invitation) | {"status": invitation.status_at(time.time_ns() // 1_000_000)}


add_list(router, "/organizations", ORGANIZATIONS.page, _render)
add_list(router, "/memberships", MEMBERSHIPS.page, _render)
add_list(router, "/roles", ROLES.page, _render)
add_list(router, "/invitations", INVITATIONS.page, _render_invitation)
