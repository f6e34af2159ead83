"""Transformations of messages, of which the fake has none: it would have to run JavaScript."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import JsonObject
from clerk_fake.svix_api.call import SvixCall, SvixRoute

__all__ = ["PORTAL_ROUTES"]


@dataclass(frozen=True, slots=True)
class _Transformation:
    """A program, whether it is to run, and what it is given."""

    code: str | None = None
    enabled: bool = False
    variables: JsonObject | None = None


def _get(call: SvixCall) -> Response:
    _ = call.endpoint
    return json_response({"code": None, "enabled": False, "variables": None, "updatedAt": None})


def _patch(call: SvixCall) -> Response:
    """Let nobody believe that a program ran that did not."""
    _ = call.endpoint
    wanted = call.form(_Transformation)
    if wanted.code is not None or wanted.enabled or wanted.variables:
        raise ApiError.of(
            400, "not_offered", "not offered", "The fake runs no transformations: see docs/svix.md."
        )
    return empty_response()


PATH: Final = "/api/v1/app/{app_id}/endpoint/{endpoint_id}/transformation"

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", PATH, _get),
    Route("PATCH", PATH, _patch),
)
