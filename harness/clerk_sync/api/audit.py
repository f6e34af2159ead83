"""``/audit``: who changed what and when, for the operator."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from clerk_sync.api.auth import CurrentContext, require_operator
from clerk_sync.api.paging import After, Limit, page
from clerk_sync.store.audit import AuditRow, list_entries
from clerk_sync.store.session import transaction

__all__ = ["router"]

router = APIRouter(dependencies=[Depends(require_operator)])

Subject = Annotated[str | None, Query(max_length=300, pattern=r"^[^\x00]*$")]


@router.get("/audit")
async def many(
    context: CurrentContext, after: After = 0, limit: Limit = 100, subject: Subject = None
) -> dict[str, Any]:
    """Return entries in their order; those of one subject when it is given."""
    async with transaction(context.engine) as connection:
        rows = await list_entries(connection, after=after, limit=limit, subject=subject)
    return page(rows, limit, _render)


def _render(row: AuditRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": row.at.timestamp() * 1000,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "before": row.before_hash.hex() if row.before_hash else None,
        "after": row.after_hash.hex() if row.after_hash else None,
        "request_id": row.request_id,
    }
