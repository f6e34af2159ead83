"""Clerk's session token, version 2: a JWT of 60 seconds.

Claims: https://clerk.com/docs/guides/sessions/session-tokens.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

import orjson

from clerk_fake.jsontypes import JsonObject
from clerk_fake.tokens.keys import SigningKey, base64url

__all__ = ["LIFETIME_S", "SessionClaims", "read_session_token", "sign_session_token"]

LIFETIME_S: Final = 60
"""How long a session token lives, in seconds."""

CATEGORY: Final = "cl_B7d4PD111AAA"
"""The ``cat`` header with which Clerk marks session tokens."""

NOT_BEFORE_LEEWAY_S: Final = 10


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """What a session token says.

    Attributes:
        issuer: The instance's Frontend API, ``https://….clerk.accounts.dev``.
        user_id: The subject.
        session_id: The session.
        token_id: ``jti``, unique per token.
        issued_at_s: Unix seconds, on the instance's clock.
        factor_age_min: Minutes since the first factor was verified.
        lifetime_s: Seconds until it expires.
        extra: Further claims; they win over the standard ones.
    """

    issuer: str
    user_id: str
    session_id: str
    token_id: str
    issued_at_s: int
    factor_age_min: int = 0
    lifetime_s: int = LIFETIME_S
    extra: JsonObject = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """Return the payload of the token."""
        return {
            "exp": self.issued_at_s + self.lifetime_s,
            "fva": [self.factor_age_min, -1],
            "iat": self.issued_at_s,
            "iss": self.issuer,
            "jti": self.token_id,
            "nbf": self.issued_at_s - NOT_BEFORE_LEEWAY_S,
            "sid": self.session_id,
            "sts": "active",
            "sub": self.user_id,
            "v": 2,
            **self.extra,
        }


def sign_session_token(claims: SessionClaims, key: SigningKey) -> str:
    """Return the compact JWT for ``claims``."""
    header = {"alg": "RS256", "cat": CATEGORY, "kid": key.kid, "typ": "JWT"}
    message = base64url(orjson.dumps(header)) + b"." + base64url(orjson.dumps(claims.as_json()))
    return (message + b"." + base64url(key.sign(message))).decode()


def read_session_token(token: str, key: SigningKey) -> JsonObject | None:
    """Return the payload of a token that ``key`` signed, else ``None``; times are not judged."""
    message, _, signature = token.encode().rpartition(b".")
    _, _, payload = message.partition(b".")
    try:
        if not key.verifies(_decode(signature), message):
            return None
        decoded = orjson.loads(_decode(payload))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
