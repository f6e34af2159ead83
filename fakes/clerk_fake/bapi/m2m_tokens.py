"""``/v1/m2m_tokens``: create, list, revoke, verify; for machines and for the instance itself."""

import re
from dataclasses import dataclass
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.listing import Listing
from clerk_fake.bapi.token_service import bad_request, token_service
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.m2m_tokens.entity import (
    M2M_TOKENS,
    M2MToken,
    created_m2m_token_resource,
    m2m_token_resource,
)
from clerk_fake.model.m2m_tokens.issue import (
    M2MTokenDraft,
    create_m2m_token,
    revoke_m2m_token,
)
from clerk_fake.model.m2m_tokens.verify import verify_m2m_token
from clerk_fake.model.machines.entity import MACHINES
from clerk_fake.model.revocation import Revocation

__all__ = ["ROUTES"]

SUBJECT: Final = re.compile(r"mch_\w{27}")
LISTING: Final[Listing[M2MToken]] = Listing(rows="m2m_tokens", largest=100)


@dataclass(frozen=True, slots=True)
class VerificationForm:
    """What ``POST /v1/m2m_tokens/verify`` takes; Clerk's Python client says ``secret``."""

    token: str | None = None
    secret: str | None = None


def _create(call: Call) -> Response:
    if call.machine is None:
        raise ApiError.of(
            401,
            "authentication_invalid",
            "Unable to authenticate request",
            "An M2M token is made with the secret key of a machine (ak_…), which is its subject.",
        )
    draft = read_form(M2MTokenDraft, call.request.fields())
    token = create_m2m_token(call.instance, call.machine, draft, call.origin)
    return json_response(created_m2m_token_resource(call.instance, token), 201)


def _list(call: Call) -> Response:
    query = call.request.query()
    subject = query.text("subject") or ""
    if not SUBJECT.fullmatch(subject):
        raise bad_request("Invalid 'query.subject': it must be the id of a machine.")
    if call.machine is not None and call.machine.id != subject:
        raise _forbidden()
    machine = MACHINES.require(call.instance, subject)
    with_revoked, with_expired = query.boolean("revoked"), query.boolean("expired")
    tokens = [
        token
        for token in M2M_TOKENS.table(call.instance).find("subject", machine.id)
        if (with_revoked or not token.revoked) and (with_expired or call.now_ms < token.expiration)
    ]
    return LISTING.answer(call, M2M_TOKENS, among=tokens)


def _revoke(call: Call) -> Response:
    token = M2M_TOKENS.require(call.instance, call.param("m2m_token_id"))
    if call.machine is not None and call.machine.id != token.subject:
        raise M2M_TOKENS.refusal(token.id)
    revocation = read_form(Revocation, call.request.fields())
    revoked = revoke_m2m_token(call.instance, token, revocation, call.origin)
    return json_response(m2m_token_resource(call.instance, revoked))


def _verify(call: Call) -> Response:
    form = read_form(VerificationForm, call.request.fields())
    secret = form.token or form.secret
    if not secret:
        raise ApiError.missing_param("token")
    token = verify_m2m_token(call.instance, secret, call.machine, call.origin)
    return json_response(m2m_token_resource(call.instance, token))


def _forbidden() -> ApiError:
    return ApiError.of(
        403,
        "authorization_invalid",
        "Unauthorized request",
        "A machine can see its own tokens only.",
    )


ROUTES: Final[tuple[BapiRoute, ...]] = (
    token_service(Route("GET", "/v1/m2m_tokens", _list)),
    token_service(Route("POST", "/v1/m2m_tokens", _create)),
    token_service(
        Route("POST", "/v1/m2m_tokens/{m2m_token_id}/revoke", _revoke),
        {"m2m_token_id": "mt_[0-9A-Fa-f]{32}"},
    ),
    token_service(Route("POST", "/v1/m2m_tokens/verify", _verify)),
)
