"""Session tokens, checked locally: signature, times, issuer, origin."""

from collections.abc import Sequence
from typing import Final

import jwt

from clerk_sync.errors import InvalidTokenError
from clerk_sync.service.session_claims import SessionClaims, read_claims
from clerk_sync.service.signing_keys import SigningKeys

__all__ = ["SessionTokens"]

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


class SessionTokens:
    """Checks session tokens.

    Args:
        keys: Clerk's public keys.
        issuer: The only accepted ``iss``.
        authorized_parties: Accepted ``azp``; empty accepts any.
        clock_skew_s: How far Clerk's clock and ours may differ.
    """

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        authorized_parties: Sequence[str],
        clock_skew_s: float,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._authorized_parties = frozenset(authorized_parties)
        self._clock_skew_s = clock_skew_s

    async def verify(self, token: str) -> SessionClaims:
        """Return what a genuine token of an active session says.

        Raises:
            InvalidTokenError: It proves nothing.
            ClerkApiError: The keys were never fetched, and cannot be now.
        """
        key = await self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                leeway=self._clock_skew_s,
                options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as wrong:
            reason = next((name for kind, name in _REASONS if isinstance(wrong, kind)), "malformed")
            raise InvalidTokenError(
                f"the session token is refused ({wrong})", reason=reason
            ) from wrong
        if self._authorized_parties and claims.get("azp") not in self._authorized_parties:
            raise InvalidTokenError("the token is for another origin", reason="wrong_party")
        return read_claims(claims)

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
