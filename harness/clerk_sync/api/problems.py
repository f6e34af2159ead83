"""The one place where errors of the domain become HTTP."""

from collections.abc import Mapping
from http import HTTPStatus
from logging import getLogger
from math import ceil
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from clerk_sync import errors
from clerk_sync.request_ids import current_request_id

__all__ = ["answer_internal_error", "answer_problem", "install_problem_handler"]

RETRY_AFTER_S: Final = 1

_STATUS: Final[dict[type[errors.ClerkSyncError], int]] = {
    errors.InvalidWebhookError: 400,
    errors.InvalidRequestError: 400,
    errors.StoreRejectedError: 400,
    errors.InvalidTokenError: 401,
    errors.AccessRefusedError: 403,
    errors.NotFoundError: 404,
    errors.IllegalTransitionError: 409,
    errors.PayloadTooLargeError: 413,
    errors.UnsupportedMediaTypeError: 415,
    errors.RateLimitedError: 429,
    errors.OverloadedError: 503,
    errors.StoreUnavailableError: 503,
    errors.BrokerUnavailableError: 503,
    errors.ClerkApiError: 503,
    errors.BreakerOpenError: 503,
}

_GENERAL: Final[dict[type[errors.ClerkSyncError], str]] = {
    errors.StoreRejectedError: "the database cannot hold a value of this request",
    errors.StoreUnavailableError: "the database does not answer as it should: come again",
    errors.BrokerUnavailableError: "the message broker or its workers do not answer: come again",
    errors.ClerkApiError: "Clerk does not answer as it should: come again",
    errors.BreakerOpenError: "Clerk does not answer as it should: come again",
}

_log = getLogger(__name__)


def install_problem_handler(app: FastAPI) -> None:
    """Answer every error with ``{"error": {code, message}}``, and with nothing that is not ours."""

    async def answer(request: Request, problem: Exception) -> JSONResponse:
        if not isinstance(problem, errors.ClerkSyncError):
            raise problem
        return answer_problem(problem, path=request.url.path)

    async def answer_starlette(_: Request, problem: Exception) -> JSONResponse:
        status = problem.status_code if isinstance(problem, HTTPException) else 500
        headers = getattr(problem, "headers", None)
        phrase = HTTPStatus(status).phrase
        return _render(status, phrase.lower().replace(" ", "_"), phrase, headers)

    async def answer_invalid(_: Request, problem: Exception) -> JSONResponse:
        found = problem.errors() if isinstance(problem, RequestValidationError) else []
        # Without what was sent: it may be a secret at the wrong place.
        message = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
        return _render(422, "invalid_request", message)

    async def answer_unforeseen(_: Request, __: Exception) -> JSONResponse:
        return answer_internal_error()

    app.add_exception_handler(errors.ClerkSyncError, answer)
    app.add_exception_handler(HTTPException, answer_starlette)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_unforeseen)


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
    if isinstance(problem, errors.RateLimitedError):
        wait = problem.retry_after_s
        headers["Retry-After"] = str(wait)
        headers["RateLimit-Policy"] = f'"{problem.name}";q={problem.quota};w={problem.window_s}'
        headers["RateLimit"] = f'"{problem.name}";r=0;t={wait}'
    # What a library says of a failure of ours is for the log; it may name hosts and statements.
    message = _GENERAL.get(type(problem), str(problem))
    return _render(status, code, message, headers)


def answer_internal_error() -> JSONResponse:
    """Return the answer to a request that failed unforeseen: where to look, and nothing else."""
    return _render(
        500, "internal_error", f"unforeseen: see the log for request {current_request_id()}"
    )


def _render(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=headers)
