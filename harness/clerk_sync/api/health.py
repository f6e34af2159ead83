"""``/health`` and ``/metrics``."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from clerk_sync.api.auth import CurrentContext, require_operator

__all__ = ["router"]

router = APIRouter()


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process runs."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(request: Request, context: CurrentContext) -> JSONResponse:
    """Say whether to send anything here.

    503 without Postgres, where no webhook can be kept, and when this process is about to end; 200
    and ``degraded`` with the causes when something is late or missing that can be done without.
    """
    if getattr(request.app.state, "draining", False):
        return JSONResponse({"status": "draining", "causes": ["the process is ending"]}, 503)
    health = await context.observer.health()
    causes = health.causes
    status = "unavailable" if health.postgres else "degraded" if causes else "ok"
    body: dict[str, Any] = {
        "status": status,
        "postgres": health.postgres or "ok",
        "redis": health.redis or "ok",
        "clerk": health.clerk or "ok",
        "work": health.work or "ok",
        "causes": causes,
    }
    return JSONResponse(body, 503 if health.postgres else 200)


@router.get("/health/deep", dependencies=[Depends(require_operator)])
async def deep(context: CurrentContext) -> JSONResponse:
    """Try everything for real and say how long it took: 200 when all is well, else 503."""
    checks = await context.examination.examine()
    well = all(not check.trouble for check in checks)
    body = {
        "status": "ok" if well else "failing",
        "checks": {
            check.name: {"ok": not check.trouble, "ms": round(check.took_ms, 1)}
            | ({"error": check.trouble} if check.trouble else {})
            for check in checks
        },
    }
    return JSONResponse(body, 200 if well else 503)


@router.post("/health/celery", dependencies=[Depends(require_operator)])
async def celery(context: CurrentContext) -> dict[str, Any]:
    """Send a task to a worker and back."""
    return {"ok": True, "ms": round(await context.round_trip.measure_ms(), 1)}


@router.get("/metrics")
async def metrics(context: CurrentContext) -> Response:
    """Return the metrics of all processes that share a directory with this one."""
    figures = await context.observer.figures()
    return Response(context.metrics.render(figures), media_type=CONTENT_TYPE_LATEST)
