"""M2M tokens that are JWTs: made and read, never kept, so that they cannot be revoked."""

import re
from dataclasses import replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.m2m_tokens.entity import M2MToken
from clerk_fake.model.machines.entity import scoped_to
from clerk_fake.tokens.jwt import read_jwt, sign_jwt

__all__ = ["jwt_token", "read_jwt_token"]

CATEGORY: Final = "cl_B7d4PD333AAA"
"""The ``cat`` header with which Clerk marks M2M tokens."""

RESERVED: Final = ("iss", "sub", "exp", "nbf", "iat", "jti")
TOKEN_ID: Final = re.compile(r"mt_[0-9a-f]{32}")


def jwt_token(instance: Instance, token: M2MToken) -> M2MToken:
    """Return ``token`` as a JWT; its times become whole seconds.

    Raises:
        ApiError: 422, its claims are no object; 400, one of them is reserved.
    """
    claims = token.claims
    if claims is not None and not isinstance(claims, dict):
        raise ApiError.bad_format("claims", "a JSON object in tokens of the format jwt")
    for claim in RESERVED:
        if claim in (claims or {}):
            raise ApiError.of(
                400,
                "machine_token_reserved_claim",
                "reserved claim used",
                f"You can't use the reserved claim: '{claim}'",
                param_name="claims",
            )
    issued_s = token.created_at // 1000
    expires_s = max(token.expiration // 1000, issued_s + 1)
    payload = {
        **(claims or {}),
        "iss": instance.identity.issuer,
        "sub": token.subject,
        "exp": expires_s,
        "nbf": issued_s,
        "iat": issued_s,
        "jti": token.id,
    }
    signed = sign_jwt(payload, instance.signing_key, cat=CATEGORY)
    return replace(token, secret=signed, expiration=expires_s * 1000)


def read_jwt_token(instance: Instance, text: str) -> M2MToken | None:
    """Return the M2M token that a JWT of this instance is, if it is one; times are not judged.

    A JWT does not say whom it is for: that follows from the scopes that its machine has now.
    """
    payload = read_jwt(text, instance.signing_key)
    if payload is None or not _is_m2m(payload):
        return None
    claims = {name: value for name, value in payload.items() if name not in RESERVED}
    return M2MToken(
        id=payload["jti"],
        subject=payload["sub"],
        secret=text,
        scopes=tuple(scoped_to(instance, payload["sub"])),
        claims=claims or None,
        expiration=payload["exp"] * 1000,
        created_at=payload["iat"] * 1000,
        updated_at=payload["iat"] * 1000,
    )


def _is_m2m(payload: JsonObject) -> bool:
    texts = (payload.get("jti"), payload.get("sub"))
    times = (payload.get("exp"), payload.get("iat"))
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(time, int) for time in times)
        and TOKEN_ID.fullmatch(str(payload["jti"])) is not None
    )
