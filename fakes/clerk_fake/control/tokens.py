"""Session tokens that are odd in time, issuer or claims, but truly signed."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.sessions.tokens import OddToken, odd_session_token
from clerk_fake.tokens.session_token import LIFETIME_S

__all__ = ["ROUTES"]

FARTHEST_S: Final = 100 * 365 * 24 * 3600


def _create(call: ControlCall) -> Response:
    fields = call.request.fields()
    fields.allow_only({"session_id", "iat_offset_s", "expires_in_s", "issuer", "claims"})
    lifetime_s = fields.integer("expires_in_s", least=-FARTHEST_S, most=FARTHEST_S)
    odd = OddToken(
        iat_offset_s=fields.integer("iat_offset_s", least=-FARTHEST_S, most=FARTHEST_S) or 0,
        lifetime_s=LIFETIME_S if lifetime_s is None else lifetime_s,
        issuer=fields.text("issuer"),
        claims=fields.json_object("claims") or {},
    )
    session_id = fields.required_text("session_id")
    return json_response({"jwt": odd_session_token(call.instance, session_id, odd)})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/tokens", _create),
)
