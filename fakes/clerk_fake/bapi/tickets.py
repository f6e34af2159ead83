"""``/v1/sign_in_tokens``, ``/v1/actor_tokens``, ``/v1/testing_tokens``."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.actor_tokens import (
    ACTOR_TOKENS,
    ActorTokenDraft,
    create_actor_token,
    revoke_actor_token,
)
from clerk_fake.model.sign_in_tokens import (
    SIGN_IN_TOKENS,
    SignInTokenDraft,
    create_sign_in_token,
    revoke_sign_in_token,
)
from clerk_fake.model.testing_tokens import TESTING_TOKENS, create_testing_token

__all__ = ["ROUTES"]

SIGN_IN: Final = Collection("/v1/sign_in_tokens", "sign_in_token_id", SIGN_IN_TOKENS)
ACTOR: Final = Collection("/v1/actor_tokens", "actor_token_id", ACTOR_TOKENS)


def _create_testing_token(call: Call) -> Response:
    token = create_testing_token(call.instance, call.origin)
    return json_response(TESTING_TOKENS.resource(call.instance, token))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    SIGN_IN.create(SignInTokenDraft, create_sign_in_token),
    SIGN_IN.act("/revoke", revoke_sign_in_token),
    ACTOR.create(ActorTokenDraft, create_actor_token),
    ACTOR.act("/revoke", revoke_actor_token),
    Route("POST", "/v1/testing_tokens", _create_testing_token),
)
