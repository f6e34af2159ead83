"""Svix' error envelopes: ``{"code", "detail"}``, or a list of what is not acceptable, and where."""

import re
from typing import Final

from clerk_fake.errors import ApiError, Complaint
from clerk_fake.http.response import Response, json_response

__all__ = ["BELOW", "camel_case", "svix_refused"]

BELOW: Final = ("/api/v1", "/ingest/api/v1")
"""Where Svix' API is, also the part of which the fake has nothing."""

UNREADABLE: Final = 400
UNACCEPTABLE: Final = 422
IN_THE_QUERY: Final = frozenset({"with_content", "get_if_exists"})
"""Parameters that a POST takes in its query."""

CODES: Final = {
    401: "authentication_failed",
    403: "insufficient access",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
}
"""Status → Svix' code; other statuses keep the code that they have."""

KINDS: Final = {
    "request_body_invalid": "value_error.jsondecode",
    "form_param_missing": "value_error.missing",
    "form_param_format_invalid": "type_error",
}


def svix_refused(refusal: ApiError, method: str) -> Response:
    """Answer with what was refused, in Svix' form; ``method`` tells where parameters were."""
    first = refusal.complaints[0]
    if refusal.status == UNACCEPTABLE or first.code == "request_body_invalid":
        places = [_place(complaint, method) for complaint in refusal.complaints]
        return json_response({"detail": places}, UNACCEPTABLE)
    code = CODES.get(refusal.status, first.code)
    answer = {"code": code, "detail": first.long_message}
    return json_response(answer, refusal.status).with_headers(refusal.headers)


def camel_case(name: str) -> str:
    """Return e.g. ``eventTypes`` for ``event_types``."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)


def _place(complaint: Complaint, method: str) -> dict[str, object]:
    name = str(complaint.meta.get("param_name", ""))
    told = complaint.long_message
    queried = method in {"GET", "DELETE"} or name in IN_THE_QUERY
    if queried:
        loc = ["query", name]
    else:
        loc = ["body", *(part for part in camel_case(name).split(".") if part)]
        told = told.replace(name, camel_case(name)) if name else told
    return {"loc": loc, "msg": told, "type": KINDS.get(complaint.code, "value_error")}
