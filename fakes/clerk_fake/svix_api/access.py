"""``/api/v1/auth``: tokens of the app portal, for which the fake's dashboard stands."""

from dataclasses import dataclass
from typing import Final, Literal

from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.portal_tokens import (
    PortalAccess,
    PortalExpiry,
    end_portal_token,
    expire_portal_tokens,
    issue_portal_token,
)
from clerk_fake.svix_api.call import SvixCall, SvixRoute

__all__ = ["PORTAL_ROUTES", "ROUTES"]

Capability = Literal[
    "ViewBase",
    "ViewEndpointSecret",
    "ManageEndpointSecret",
    "ManageTransformations",
    "CreateAttempts",
    "ManageEndpoint",
]


@dataclass(frozen=True, slots=True)
class _Wanted(PortalAccess):
    """What is asked for; what a token may not do is checked and not held against it."""

    application: JsonObject | None = None
    read_only: bool | None = None
    capabilities: tuple[Capability, ...] | None = None
    feature_flags: tuple[str, ...] | None = None


def _grant(call: SvixCall) -> Response:
    token = issue_portal_token(call.instance, call.form(_Wanted))
    return json_response({"url": call.instance.dashboard_url, "token": token.id})


def _log_out(call: SvixCall) -> Response:
    end_portal_token(call.instance, call.token)
    return empty_response()


def _expire(call: SvixCall) -> Response:
    expire_portal_tokens(call.instance, call.form(PortalExpiry))
    return empty_response()


ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("POST", "/api/v1/auth/app-portal-access/{app_id}", _grant),
    Route("POST", "/api/v1/auth/dashboard-access/{app_id}", _grant),
    Route("POST", "/api/v1/auth/app/{app_id}/expire-all", _expire),
)

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (Route("POST", "/api/v1/auth/logout", _log_out),)
