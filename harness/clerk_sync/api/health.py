"""``/health`` and ``/metrics``."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from clerk_sync.api.auth import CurrentContext, require_operator
from clerk_sync.errors import StoreUnavailableError

__all__ = ["router"]

router = APIRouter()


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process runs."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(context: CurrentContext) -> JSONResponse:
    """Say whether webhooks are taken: not without Postgres, but slower without Redis.

    Without Clerk known users are let in all the same.
    """
    health = await context.observer.health()
    status = (
        "unavailable" if health.postgres else "degraded" if health.redis or health.clerk else "ok"
    )
    body: dict[str, Any] = {
        "status": status,
        "postgres": health.postgres or "ok",
        "redis": health.redis or "ok",
        "clerk": health.clerk or "ok",
    }
    return JSONResponse(body, 503 if health.postgres else 200)


@router.post("/health/celery", dependencies=[Depends(require_operator)])
async def celery(context: CurrentContext) -> dict[str, Any]:
    """Send a task to a worker and back."""
    return {"ok": True, "ms": round(await context.round_trip.measure_ms(), 1)}


@router.get("/metrics")
async def metrics(context: CurrentContext) -> Response:
    """Return the metrics; without Postgres those that this process counts itself."""
    with suppress(StoreUnavailableError):
        await context.observer.refresh()
    return Response(context.metrics.render(), media_type=CONTENT_TYPE_LATEST)
