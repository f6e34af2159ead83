"""``/v1/jwks``: the public keys of the instance."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route

__all__ = ["ROUTES"]


def _get(call: Call) -> Response:
    return json_response({"keys": call.instance.signing_key.public_jwks()})


ROUTES: Final[tuple[BapiRoute, ...]] = (Route("GET", "/v1/jwks", _get),)
