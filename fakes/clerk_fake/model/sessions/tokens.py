"""Session tokens: who gets one, and what it says."""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.entitlements import user_claims
from clerk_fake.model.organizations.claims import organization_claims
from clerk_fake.model.sessions.claims import custom_claims
from clerk_fake.model.sessions.entity import SESSIONS, Session, SessionStatus, require_session
from clerk_fake.tokens.jwt import read_jwt
from clerk_fake.tokens.session_token import (
    LIFETIME_S,
    SessionClaims,
    sign_session_token,
)

__all__ = [
    "OddToken",
    "create_session_token",
    "odd_session_token",
    "sign_token",
    "verify_session_token",
]

HEXADECIMAL: Final = "0123456789abcdef"
TOKEN_ID_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class OddToken:
    """How a test token differs from a proper one.

    Attributes:
        iat_offset_s: Issued so many seconds after (negative: before) now.
        lifetime_s: Seconds until it expires.
        issuer: Instead of the instance's own.
        origin: Of the page that asked for it.
        claims: Further or different claims.
    """

    iat_offset_s: int = 0
    lifetime_s: int = LIFETIME_S
    issuer: str | None = None
    origin: str | None = None
    claims: JsonObject = field(default_factory=dict)


def create_session_token(instance: Instance, session_id: str, lifetime_s: int = LIFETIME_S) -> str:
    """Return a token for an active or a pending session.

    Raises:
        ApiError: 404, there is no such session, or it is neither (any more).
    """
    session = instance.state.of(SESSIONS).get(session_id)
    if session is None or not session.live_at(instance.clock.now_ms()):
        raise ApiError.not_found("active session", session_id)
    return sign_token(instance, session, OddToken(lifetime_s=lifetime_s))


def odd_session_token(instance: Instance, session_id: str, odd: OddToken) -> str:
    """Return a token with the instance's true signature and whatever else is asked for.

    Raises:
        ApiError: 404, there is no such session.
    """
    return sign_token(instance, require_session(instance, session_id), odd)


def verify_session_token(instance: Instance, session_id: str, token: str) -> Session:
    """Return the session that ``token`` proves.

    Raises:
        ApiError: 404, there is no such session; 401, it is not active, or the token is not its
            own, not signed here, or expired.
    """
    session = require_session(instance, session_id)
    now = instance.clock.now_ms()
    claims = read_jwt(token, instance.signing_key)
    if (
        claims is None
        or claims.get("sid") != session_id
        or not isinstance(claims.get("exp"), int)
        or claims["exp"] * 1000 <= now
        or session.status_at(now) is not SessionStatus.ACTIVE
    ):
        raise ApiError.of(
            401, "authentication_invalid", "Invalid authentication", "The token proves no session."
        )
    return session


def _age_min(verified_at: int | None, now: int) -> int:
    return -1 if verified_at is None else max(now - verified_at, 0) // 60_000


def sign_token(instance: Instance, session: Session, odd: OddToken) -> str:
    """Return a token of a session, whatever its status, with what is odd about it."""
    now = instance.clock.now_ms()
    organization = organization_claims(
        instance, session.user_id, session.last_active_organization_id
    )
    claims = SessionClaims(
        issuer=odd.issuer or instance.identity.issuer,
        user_id=session.user_id,
        session_id=session.id,
        token_id=instance.ids.text(HEXADECIMAL, TOKEN_ID_LENGTH),
        issued_at_s=instance.token_time_s() + odd.iat_offset_s,
        factor_ages_min=(
            _age_min(session.created_at, now),
            _age_min(session.second_factor_at, now),
        ),
        lifetime_s=odd.lifetime_s,
        status=session.status.value,
        organization=organization or user_claims(instance, session.user_id),
        actor=session.actor,
        origin=odd.origin,
        custom=custom_claims(instance, session),
        extra=odd.claims,
    )
    return sign_session_token(claims, instance.signing_key)
