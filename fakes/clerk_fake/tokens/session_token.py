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
NEVER: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClaims:
    """What a session token says.

    Attributes:
        issuer: The instance's Frontend API, ``https://….clerk.accounts.dev``.
        user_id: The subject.
        session_id: The session.
        token_id: ``jti``, unique per token.
        issued_at_s: Unix seconds, on the instance's clock.
        factor_ages_min: Minutes since the first and the second factor were verified; -1: never.
        lifetime_s: Seconds until it expires.
        status: Of the session.
        organization: The claims on the active one, ``o``, and on the plan, ``pla`` and ``fea``.
        actor: Who impersonates the user.
        origin: Of the page that asked for it.
        custom: Claims of the instance's own; the standard ones win over them.
        extra: Further claims; they win over the standard ones.
    """

    issuer: str
    user_id: str
    session_id: str
    token_id: str
    issued_at_s: int
    factor_ages_min: tuple[int, int] = (0, NEVER)
    lifetime_s: int = LIFETIME_S
    status: str = "active"
    organization: JsonObject = field(default_factory=dict)
    actor: JsonObject | None = None
    origin: str | None = None
    custom: JsonObject = field(default_factory=dict)
    extra: JsonObject = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """Return the payload of the token."""
        return {
            **self.custom,
            **({} if self.actor is None else {"act": self.actor}),
            **({} if self.origin is None else {"azp": self.origin}),
            "exp": self.issued_at_s + self.lifetime_s,
            "fva": list(self.factor_ages_min),
            "iat": self.issued_at_s,
            "iss": self.issuer,
            "jti": self.token_id,
            "nbf": self.issued_at_s - NOT_BEFORE_LEEWAY_S,
            **self.organization,
            "sid": self.session_id,
            "sts": self.status,
            "sub": self.user_id,
            "v": 2,
            **self.extra,
        }


def sign_session_token(claims: SessionClaims, key: SigningKey) -> str:
    """Return the compact JWT for ``claims``."""
    return sign_jwt(claims.as_json(), key, cat=CATEGORY, oiat=claims.issued_at_s)
