"""OAuth access tokens, given out as if somebody had consented in a browser."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.oauth_tokens.issue import OAuthTokenDraft, issue_oauth_token

__all__ = ["ROUTES"]


def _issue(call: ControlCall) -> Response:
    draft = read_form(OAuthTokenDraft, call.request.fields())
    return json_response(issue_oauth_token(call.instance, draft, call.request.origin), 201)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/oauth_tokens", _issue),
)
