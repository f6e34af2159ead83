"""Clerk's error envelope."""

import secrets
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from clerk_fake.errors import ApiError, Complaint
from clerk_fake.http.response import Response, json_response

__all__ = ["error_response", "refused"]

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def refused(refusal: ApiError) -> Response:
    """Answer with what was refused, and why."""
    return error_response(refusal.status, refusal.complaints, refusal.headers)


def error_response(
    status: int, complaints: Iterable[Complaint], headers: Mapping[str, str] = NOTHING
) -> Response:
    """Answer with an error of any status in Clerk's form."""
    errors = [
        {
            "message": complaint.message,
            "long_message": complaint.long_message,
            "code": complaint.code,
            **({"meta": complaint.meta} if complaint.meta else {}),
        }
        for complaint in complaints
    ]
    response = json_response({"errors": errors, "clerk_trace_id": secrets.token_hex(16)}, status)
    return response.with_headers(headers) if headers else response
