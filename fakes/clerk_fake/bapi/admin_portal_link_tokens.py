"""``/v1/admin_portal_link_tokens``: create and revoke."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.model.admin_portal_link_tokens import (
    LINK_TOKENS,
    LinkTokenDraft,
    Revocation,
    create_link_token,
    link_token_with_secret,
    revoke_link_token,
)

__all__ = ["ROUTES"]

CREATED: Final = 201
COLLECTION: Final = Collection(
    "/v1/admin_portal_link_tokens", "link_token_id", LINK_TOKENS, coverage=Coverage.STORED
)


def _create(call: Call) -> Response:
    draft = read_form(LinkTokenDraft, call.request.fields())
    token = create_link_token(call.instance, draft, call.origin)
    return json_response(link_token_with_secret(call.instance, token), CREATED)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", COLLECTION.path, _create, coverage=Coverage.STORED),
    COLLECTION.update(Revocation, revoke_link_token, method="POST", suffix="/revoke"),
)
