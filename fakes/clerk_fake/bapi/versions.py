"""Which dated version of the API a client speaks.

A client names it in the header ``Clerk-API-Version`` or in the query as ``__clerk_api_version``,
not in both (https://clerk.com/docs/backend-requests/versioning/overview). Clerk refuses a version
that it never published; the fake does not know those to come, so it refuses what is no date and
takes any date for the version in force on that day.
"""

import re
from functools import lru_cache
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.http.request import Request

__all__ = ["HEADER", "api_version"]

HEADER: Final = "clerk-api-version"
PARAMETER: Final = "__clerk_api_version"
FIRST: Final = "2021-02-05"


def api_version(request: Request) -> str:
    """Return the version that is spoken, e.g. ``2026-05-12``; empty when the client does not say.

    Raises:
        ApiError: 400, it is said twice, or is no version.
    """
    stated = request.headers.get(HEADER)
    if PARAMETER.encode() in request.scope["query_string"]:
        if stated:
            raise _invalid(f"Give the API version in {HEADER} or in {PARAMETER}, not in both.")
        stated = request.query().text(PARAMETER) or ""
    if stated and not _is_version(stated):
        raise _invalid(f"{stated[:40]} is not an API version: it is a date such as 2026-05-12.")
    return stated


@lru_cache(maxsize=64)
def _is_version(text: str) -> bool:
    return re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text) is not None and (
        text >= FIRST
    )


def _invalid(long_message: str) -> ApiError:
    return ApiError.of(400, "api_version_invalid", "API version is invalid", long_message)
