"""Access tokens that are JWTs (RFC 9068): made and read, never kept, so they cannot be revoked."""

import re
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.oauth_tokens.entity import OAuthToken
from clerk_fake.tokens.jwt import read_jwt, sign_jwt

__all__ = ["is_jwt", "read_oauth_jwt", "sign_oauth_jwt"]

TYPE: Final = "at+jwt"
TOKEN_ID: Final = re.compile(r"oat_[0-9a-f]{32}")
DOTS: Final = 2


def is_jwt(text: str) -> bool:
    """Tell whether a token has the form of a JWT."""
    return text.count(".") == DOTS


def sign_oauth_jwt(instance: Instance, token: OAuthToken) -> str:
    """Return ``token`` as a JWT; its times become whole seconds."""
    claims = {
        "client_id": token.client_id,
        "exp": token.expiration // 1000,
        "iat": token.created_at // 1000,
        "iss": instance.identity.issuer,
        "jti": token.id,
        "nbf": token.created_at // 1000,
        "scope": " ".join(token.scopes),
        "sub": token.user_id,
    }
    return sign_jwt(claims, instance.signing_key, typ=TYPE)


def read_oauth_jwt(instance: Instance, text: str) -> OAuthToken | None:
    """Return the access token that a JWT of this instance says it is; times are not judged."""
    claims = read_jwt(text, instance.signing_key)
    if claims is None or not _is_access_token(claims):
        return None
    return OAuthToken(
        id=claims["jti"],
        grant_id="",
        client_id=claims["client_id"],
        user_id=claims["sub"],
        scopes=tuple(claims["scope"].split()),
        secret=text,
        expiration=claims["exp"] * 1000,
        created_at=claims["iat"] * 1000,
        updated_at=claims["iat"] * 1000,
    )


def _is_access_token(claims: JsonObject) -> bool:
    texts = (claims.get(name) for name in ("jti", "client_id", "sub", "scope"))
    times = (claims.get(name) for name in ("exp", "iat"))
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(time, int) for time in times)
        and TOKEN_ID.fullmatch(claims["jti"]) is not None
    )
