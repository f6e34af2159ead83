"""The one place where errors of the domain become HTTP."""

from logging import getLogger
from math import ceil
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from clerk_sync import errors

__all__ = ["answer_problem", "install_problem_handler"]

RETRY_AFTER_S: Final = 1

_STATUS: Final[dict[type[errors.ClerkSyncError], int]] = {
    errors.InvalidWebhookError: 400,
    errors.StoreRejectedError: 400,
    errors.InvalidTokenError: 401,
    errors.AccessRefusedError: 403,
    errors.NotFoundError: 404,
    errors.IllegalTransitionError: 409,
    errors.PayloadTooLargeError: 413,
    errors.OverloadedError: 503,
    errors.StoreUnavailableError: 503,
    errors.BrokerUnavailableError: 503,
    errors.ClerkApiError: 503,
    errors.BreakerOpenError: 503,
}

_log = getLogger(__name__)


def install_problem_handler(app: FastAPI) -> None:
    """Answer every ``ClerkSyncError`` with its status and ``{"error": {code, message}}``."""

    async def answer(request: Request, problem: Exception) -> JSONResponse:
        if not isinstance(problem, errors.ClerkSyncError):
            raise problem
        return answer_problem(problem, path=request.url.path)

    app.add_exception_handler(errors.ClerkSyncError, answer)


def answer_problem(problem: errors.ClerkSyncError, *, path: str) -> JSONResponse:
    """Return the answer to a request that ended so, and log it when it is our fault."""
    status = _STATUS.get(type(problem), 500)
    code = getattr(problem, "reason", problem.code)
    if status >= 500:  # noqa: PLR2004 - the border of server errors
        _log.warning(
            "request failed: %s", problem, extra={"path": path, "status": status, "code": code}
        )
    headers = {}
    if status == 503:  # noqa: PLR2004 - the only status that promises better times
        wait_s = getattr(problem, "retry_after_s", 0.0)
        headers["Retry-After"] = str(max(RETRY_AFTER_S, ceil(wait_s)))
    if status == 401:  # noqa: PLR2004 - RFC 9110 wants the challenge
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": {"code": code, "message": str(problem)}}, status, headers=headers)
