"""Clerk's session token, version 2: a JWT of 60 seconds.

Claims: https://clerk.com/docs/guides/sessions/session-tokens.
"""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.jsontypes import JsonObject
from clerk_fake.tokens.jwt import sign_jwt
from clerk_fake.tokens.signing_key import SigningKey

__all__ = ["LIFETIME_S", "SessionClaims", "sign_session_token"]

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
    return sign_jwt(claims.as_json(), key, cat=CATEGORY)
