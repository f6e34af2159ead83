"""``/operator/registration``: the kill switch, for operators."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from clerk_sync.api.auth import CurrentContext, CurrentOperator, require_operator
from clerk_sync.api.context import Context
from clerk_sync.api.ids import ClerkId
from clerk_sync.request_ids import current_request_id
from clerk_sync.service.registration import Doorkeeper

__all__ = ["router"]

router = APIRouter(prefix="/operator/registration", dependencies=[Depends(require_operator)])


class _Turn(BaseModel):
    """How the switch is to stand, and whether opening it lets in those who wait."""

    model_config = ConfigDict(extra="forbid", strict=True)

    open: bool
    admit_waiting: bool = Field(default=True)


@router.get("")
async def standing(context: CurrentContext) -> dict[str, Any]:
    """Say how it stands and how many wait."""
    return await _render(context, admitted=0)


@router.put("")
async def turn(turn: _Turn, context: CurrentContext, operator: CurrentOperator) -> dict[str, Any]:
    """Open or close it."""
    by = Doorkeeper(operator, current_request_id())
    await context.registration.turn(is_open=turn.open, by=by)
    admitted = 0
    if turn.open and turn.admit_waiting:
        admitted = await context.registration.admit_all(by=by)
    return await _render(context, admitted=admitted)


@router.post("/admit/{clerk_id}")
async def admit(
    clerk_id: ClerkId, context: CurrentContext, operator: CurrentOperator
) -> dict[str, Any]:
    """Let one in who waits, also while it is closed."""
    by = Doorkeeper(operator, current_request_id())
    return {"clerk_id": clerk_id, "admitted": await context.registration.admit(clerk_id, by=by)}


async def _render(context: Context, *, admitted: int) -> dict[str, Any]:
    now = await context.registration.standing()
    switch = now.switch
    return {
        "open": now.is_open,
        "waiting": now.waiting,
        "admitted": admitted,
        "changed_at": switch.changed_at.timestamp() * 1000 if switch else None,
        "changed_by": switch.changed_by if switch else None,
    }
