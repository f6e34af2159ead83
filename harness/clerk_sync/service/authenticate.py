"""Who is asking: session tokens checked locally, then against what we know of user and session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import AccessRefusedError, InvalidTokenError, NotFoundError
from clerk_sync.service.signing_keys import SigningKeys
from clerk_sync.store.session import transaction
from clerk_sync.store.sessions import session_is_closed
from clerk_sync.store.users import StoredUser, read_user

__all__ = ["Authenticator", "SessionClaims"]

LEEWAY_S: Final = 5
ALGORITHM: Final = "RS256"
"""The only one: naming more would let a token choose how it is checked."""

_REASONS: Final[tuple[tuple[type[jwt.PyJWTError], str], ...]] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet_valid"),
    (jwt.InvalidIssuerError, "wrong_issuer"),
    (jwt.MissingRequiredClaimError, "missing_claim"),
    (jwt.InvalidAlgorithmError, "wrong_algorithm"),
    (jwt.InvalidSignatureError, "bad_signature"),
)


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """What a genuine session token says."""

    clerk_id: str
    session_id: str | None


class Authenticator:
    """Checks session tokens.

    Args:
        engine: Postgres.
        keys: Clerk's public keys.
        issuer: The only accepted ``iss``.
        authorized_parties: Accepted ``azp``; empty accepts any.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        keys: SigningKeys,
        *,
        issuer: str,
        authorized_parties: Sequence[str],
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._issuer = issuer
        self._authorized_parties = frozenset(authorized_parties)

    async def user_of(self, token: str) -> StoredUser:
        """Return the user whose token this is.

        Raises:
            InvalidTokenError: The token proves nothing.
            AccessRefusedError: The user is deleted or banned, or the session is over.
            NotFoundError: Clerk knows the user; we do not yet.
            ClerkApiError: The keys were never fetched and cannot be now.
            StoreUnavailableError: Postgres is down or slow.
        """
        claims = await self._verify(token)
        async with transaction(self._engine) as connection:
            user = await read_user(connection, claims.clerk_id)
            closed = claims.session_id is not None and await session_is_closed(
                connection, claims.session_id
            )
        if user is not None and not user.active:
            raise AccessRefusedError("the user was deleted", reason="user_deleted")
        if user is not None and user.banned:
            raise AccessRefusedError("the user is banned", reason="user_banned")
        if closed:
            raise AccessRefusedError("the session is over", reason="session_revoked")
        if user is None:
            raise NotFoundError("the user has not been synced yet", reason="user_not_synced")
        return user

    async def _verify(self, token: str) -> SessionClaims:
        key = await self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as wrong:
            reason = next((name for kind, name in _REASONS if isinstance(wrong, kind)), "malformed")
            raise InvalidTokenError(
                f"the session token is refused ({wrong})", reason=reason
            ) from wrong
        return self._read_claims(claims)

    async def _key_of(self, token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError) as malformed:
            raise InvalidTokenError("the token is malformed", reason="malformed") from malformed
        if header.get("alg") != ALGORITHM:
            raise InvalidTokenError(f"only {ALGORITHM} is accepted", reason="wrong_algorithm")
        key_id = header.get("kid")
        key = await self._keys.find(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise InvalidTokenError("Clerk has no such signing key", reason="unknown_key")
        return key

    def _read_claims(self, claims: dict[str, Any]) -> SessionClaims:
        if claims.get("sts") == "pending":
            raise InvalidTokenError("the session is pending", reason="session_pending")
        if self._authorized_parties and claims.get("azp") not in self._authorized_parties:
            raise InvalidTokenError("the token is for another origin", reason="wrong_party")
        session_id = claims.get("sid")
        return SessionClaims(
            clerk_id=claims["sub"], session_id=session_id if isinstance(session_id, str) else None
        )
