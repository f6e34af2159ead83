"""``/inbox`` and ``/effects``: what was delivered and what came of it, for the operator."""

from typing import Any

from fastapi import APIRouter, Depends

from clerk_sync.api.auth import CurrentContext, CurrentOperator, require_operator
from clerk_sync.api.ids import SvixId
from clerk_sync.api.paging import add_list
from clerk_sync.errors import NotFoundError
from clerk_sync.request_ids import current_request_id
from clerk_sync.service.replay import replay
from clerk_sync.store.effects import Effect, list_effects
from clerk_sync.store.inbox import InboxRow, list_rows, read_row
from clerk_sync.store.session import transaction

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(require_operator)])


@router.get("/inbox/{svix_id}")
async def one(svix_id: SvixId, context: CurrentContext) -> dict[str, Any]:
    """Return one webhook."""
    async with transaction(context.engine) as connection:
        row = await read_row(connection, svix_id)
    if row is None:
        raise NotFoundError("the inbox has no such webhook", reason="webhook_unknown")
    return _render_row(row)


@router.post("/inbox/{svix_id}/replay", status_code=202)
async def again(
    svix_id: SvixId, context: CurrentContext, operator: CurrentOperator
) -> dict[str, str]:
    """Receive a dead webhook again."""
    await replay(context.engine, svix_id, actor=operator, request_id=current_request_id())
    context.wake_ups.offer(svix_id)
    return {"svix_id": svix_id, "state": "received"}


def _render_row(row: InboxRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "svix_id": row.svix_id,
        "event_type": row.event_type,
        "clerk_id": row.clerk_id,
        "state": row.state.value,
        "attempts": row.attempts,
        "applications": row.applications,
        "deliveries": row.deliveries,
        "received_at": row.received_at.timestamp() * 1000,
        "applied_at": row.applied_at.timestamp() * 1000 if row.applied_at else None,
        "last_error": row.last_error,
    }


def _render_effect(effect: Effect) -> dict[str, Any]:
    return {
        "seq": effect.seq,
        "svix_id": effect.svix_id,
        "kind": effect.kind,
        "clerk_id": effect.clerk_id,
        "created_at": effect.created_at.timestamp() * 1000,
    }


add_list(router, "/inbox", list_rows, _render_row)
add_list(router, "/effects", list_effects, _render_effect)
