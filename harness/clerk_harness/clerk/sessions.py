"""Sessions and their tokens, good ones and odd ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from clerk_harness.clerk.users import ClerkUser
from clerk_harness.clerk.wire import Wire

__all__ = ["ClerkSession", "Sessions"]


@dataclass(frozen=True)
class ClerkSession:
    """One session.

    Attributes:
        organization_id: The organization that is active in it; None without one.
        status: ``active``, ``revoked``, ``ended``…
        version: Clerk's ``updated_at`` in milliseconds; it rises with every change.
    """

    id: str
    user_id: str
    organization_id: str | None
    status: str
    version: int

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON that the Backend API and ``session.*`` events carry."""
        return cls(
            id=wire["id"],
            user_id=wire["user_id"],
            organization_id=wire.get("last_active_organization_id"),
            status=wire["status"],
            version=int(wire["updated_at"]),
        )


class Sessions:
    """Sign users in and mint what a signed-in browser would send.

    Every method raises :class:`ClerkRefusedError` when Clerk refuses.
    """

    def __init__(self, api: Wire, control: Wire) -> None:
        self._api = api
        self._control = control

    def create(self, user: ClerkUser | str) -> str:
        """Open an active session and return its id (``sess_…``)."""
        user_id = user if isinstance(user, str) else user.id
        session = self._api.call("POST", "/sessions", {"user_id": user_id})
        return str(session["id"])

    def get(self, session: ClerkSession | str) -> ClerkSession:
        """Read one session."""
        return ClerkSession.from_wire(self._api.call("GET", f"/sessions/{_id(session)}"))

    def token(self, session: ClerkSession | str) -> str:
        """Mint a session token: RS256, version 2, good for 60 seconds."""
        return str(self._api.call("POST", f"/sessions/{_id(session)}/tokens")["jwt"])

    def odd_token(
        self,
        session: ClerkSession | str,
        *,
        iat_offset_s: float = 0,
        expires_in_s: float = 60,
        issuer: str | None = None,
        claims: dict[str, Any] | None = None,
    ) -> str:
        """Mint a token that the real key signed, but whose time or issuer is wrong.

        Args:
            session: A session of this instance.
            iat_offset_s: Seconds added to the moment of issue; negative lies in the past.
            expires_in_s: Seconds of validity, counted from the moment of issue.
            issuer: Replaces the instance's issuer.
            claims: Replace or add claims.
        """
        body: dict[str, Any] = {
            "session_id": _id(session),
            "iat_offset_s": iat_offset_s,
            "expires_in_s": expires_in_s,
        }
        if issuer is not None:
            body["issuer"] = issuer
        if claims is not None:
            body["claims"] = claims
        return str(self._control.call("POST", "/tokens", body)["jwt"])

    def revoke(self, session: ClerkSession | str) -> None:
        """Revoke a session; tokens that are already out stay valid until they expire."""
        self._api.call("POST", f"/sessions/{_id(session)}/revoke")


def _id(session: ClerkSession | str) -> str:
    return session if isinstance(session, str) else session.id
