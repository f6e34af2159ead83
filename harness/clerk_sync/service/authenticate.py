"""Who is asking: session tokens checked locally, then against what we know of user and session."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.errors import (
    AccessRefusedError,
    InvalidTokenError,
    NotFoundError,
    StoreUnavailableError,
)
from clerk_sync.service.known_users import KnownUsers
from clerk_sync.service.provision import Provisioner
from clerk_sync.service.session_claims import SessionClaims
from clerk_sync.service.session_tokens import SessionTokens
from clerk_sync.store.session import transaction
from clerk_sync.store.sessions import session_is_closed
from clerk_sync.store.users import StoredUser, read_user

__all__ = ["Authenticator", "SignedIn"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user who was let in, and what the token says of the session."""

    user: StoredUser
    claims: SessionClaims


class Authenticator:
    """Checks session tokens, then what is known of the user and the session.

    Users who are locked are let in: Clerk keeps them from signing in, not those who have.

    Args:
        engine: Postgres.
        tokens: Checks tokens.
        known: Who was let in a moment ago.
        provisioner: Makes users just in time; without one they wait for their webhook.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tokens: SessionTokens,
        *,
        known: KnownUsers,
        provisioner: Provisioner | None,
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._known = known
        self._provisioner = provisioner

    async def sign_in(self, token: str, *, request_id: str) -> SignedIn:
        """Return the user whose token this is.

        Args:
            token: A session token.
            request_id: On whose account a user is made, if one has to be.

        Raises:
            InvalidTokenError: The token proves nothing, or Clerk has no such user any more.
            AccessRefusedError: The user is deleted or banned, or the session is over.
            NotFoundError: The user was not synced yet, and none is made just in time.
            ClerkApiError: The keys were never fetched and cannot be now, or the user is not known
                here and Clerk does not answer.
            StoreUnavailableError: Postgres is down or slow, and nothing is remembered.
        """
        claims = await self._tokens.verify(token)
        user = await self._find(claims)
        if user is None:
            await self._provision(claims, request_id)
            user = await self._find(claims)
        if user is None:
            raise NotFoundError("the user has not been synced yet", reason="user_not_synced")
        return SignedIn(user, claims)

    async def _find(self, claims: SessionClaims) -> StoredUser | None:
        """Return a user who may come in; ``None``: nobody of that id is known here."""
        asked_at = self._known.now()
        try:
            async with transaction(self._engine) as connection:
                user = await read_user(connection, claims.clerk_id)
                closed = claims.session_id is not None and await session_is_closed(
                    connection, claims.session_id
                )
        except StoreUnavailableError:
            remembered = self._known.find(claims.clerk_id, claims.session_id)
            if remembered is None:
                raise
            return remembered
        try:
            _refuse(user, session_is_over=closed)
        except AccessRefusedError:
            self._known.drop(claims.clerk_id, claims.session_id)
            raise
        if user is not None:
            self._known.keep(user, claims.session_id, read_at=asked_at)
        return user

    async def _provision(self, claims: SessionClaims, request_id: str) -> None:
        if self._provisioner is None:
            return
        if not await self._provisioner.provision(claims.clerk_id, request_id=request_id):
            raise InvalidTokenError("Clerk has no such user", reason="user_unknown")


def _refuse(user: StoredUser | None, *, session_is_over: bool) -> None:
    """Refuse whoever may not come in though the token is genuine."""
    if user is not None and not user.active:
        raise AccessRefusedError("the user was deleted", reason="user_deleted")
    if user is not None and user.banned:
        raise AccessRefusedError("the user is banned", reason="user_banned")
    if user is not None and not user.admitted:
        raise AccessRefusedError(
            "registration was closed when the user came", reason="registration_closed"
        )
    if session_is_over:
        raise AccessRefusedError("the session is over", reason="session_revoked")
