"""``/v1/oauth_applications/access_tokens/verify``."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.token_service import token_service
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.oauth_tokens.commands import verify_oauth_token
from clerk_fake.model.oauth_tokens.entity import oauth_token_resource

__all__ = ["ROUTES"]


@dataclass(frozen=True, slots=True)
class VerificationForm:
    """What it takes; ``secret`` is the older name."""

    access_token: str | None = None
    secret: str | None = None


def _verify(call: Call) -> Response:
    form = read_form(VerificationForm, call.request.fields())
    secret = form.access_token or form.secret
    if not secret:
        raise ApiError.missing_param("access_token")
    token = verify_oauth_token(call.instance, secret)
    if token is None:
        return json_response({"active": False})
    return json_response(oauth_token_resource(call.instance, token))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    token_service(Route("POST", "/v1/oauth_applications/access_tokens/verify", _verify)),
)
