"""Manners of the service at Clerk that keeps M2M tokens, API keys and OAuth access tokens.

Whatever is wrong with a request is 400 ``bad_request`` there, never 422, and official clients call
it without ``/v1`` in the path.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.errors import ApiError, Complaint
from clerk_fake.http.response import Response

__all__ = ["bad_request", "token_service"]

MALFORMED: Final = 422


def token_service(route: BapiRoute, patterns: Mapping[str, str] | None = None) -> BapiRoute:
    """Return ``route`` with the manners of the token service.

    Args:
        route: As it would be elsewhere.
        patterns: Variable part of the path → the regular expression that it must match.
    """
    compiled = {name: re.compile(pattern) for name, pattern in (patterns or {}).items()}
    return route.answered_by(_mannered(route.handler, compiled))


def bad_request(why: str) -> ApiError:
    """Return the service's refusal of a malformed request."""
    return ApiError.of(400, "bad_request", "Bad Request", why)


def _mannered(
    handler: Callable[[Call], Response], patterns: dict[str, re.Pattern[str]]
) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        for name, pattern in patterns.items():
            if not pattern.fullmatch(call.param(name)):
                raise bad_request(f"Invalid 'url_parameter.{name}': Failed regex check")
        try:
            return handler(call)
        except ApiError as refusal:
            if refusal.status != MALFORMED:
                raise
            complaints = (_complaint(each) for each in refusal.complaints)
            raise ApiError(400, *complaints, headers=refusal.headers) from refusal

    return answer


def _complaint(complaint: Complaint) -> Complaint:
    return Complaint("bad_request", "Bad Request", complaint.long_message, complaint.meta)
