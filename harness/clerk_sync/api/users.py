"""``/users``: one's own record for a user, every record for the operator."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends

from clerk_sync.api.auth import CurrentContext, CurrentUser, Reader, require_operator
from clerk_sync.api.ids import ClerkId
from clerk_sync.api.paging import add_list
from clerk_sync.errors import AccessRefusedError, NotFoundError
from clerk_sync.store.session import transaction
from clerk_sync.store.users import StoredUser, list_users, read_user

__all__ = ["router"]

router = APIRouter()
_operator = APIRouter(dependencies=[Depends(require_operator)])


@router.get("/users/me")
async def me(signed_in: CurrentUser) -> dict[str, Any]:
    """Return the record of whose session token this is, and what it says of the session."""
    record = _render_own(signed_in.user)
    claims = signed_in.claims
    record["session"] = {
        "id": claims.session_id,
        "organization_id": claims.organization_id,
        "organization_role": claims.organization_role,
    }
    return record


@router.get("/users/{clerk_id}")
async def one(clerk_id: ClerkId, reader: Reader, context: CurrentContext) -> dict[str, Any]:
    """Return one user: oneself, or for the operator anybody, tombstones included."""
    if reader is not None:
        if reader.clerk_id != clerk_id:
            raise AccessRefusedError("this is somebody else's record", reason="not_your_record")
        return _render_own(reader)
    async with transaction(context.engine) as connection:
        user = await read_user(connection, clerk_id)
    if user is None:
        raise NotFoundError("no such user was synced", reason="user_not_synced")
    return _render(user)


def _render_own(user: StoredUser) -> dict[str, Any]:
    record = _render(user)
    del record["private_metadata"]  # Clerk's promise: only back ends see it.
    return record


def _render(user: StoredUser) -> dict[str, Any]:
    primary = next((email.email_address for email in user.emails if email.primary), None)
    return {
        "clerk_id": user.clerk_id,
        "email": primary,
        "emails": [asdict(email) for email in user.emails],
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "image_url": user.image_url,
        "public_metadata": user.public_metadata,
        "private_metadata": user.private_metadata,
        "unsafe_metadata": user.unsafe_metadata,
        "external_id": user.external_id,
        "banned": user.banned,
        "locked": user.locked,
        "active": user.active,
        "last_sign_in_at": user.last_sign_in_at,
        "clerk_created_at": user.clerk_created_at,
        "clerk_updated_at": user.clerk_updated_at,
        "deleted_at": user.deleted_at.isoformat() if user.deleted_at else None,
    }


add_list(_operator, "/users", list_users, _render)
router.include_router(_operator)
