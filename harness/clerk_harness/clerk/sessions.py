"""Sessions and their tokens, good ones and odd ones."""

from typing import Any

from clerk_harness.clerk.users import ClerkUser
from clerk_harness.clerk.wire import Wire

__all__ = ["Sessions"]


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

    def token(self, session_id: str) -> str:
        """Mint a session token: RS256, version 2, good for 60 seconds."""
        return str(self._api.call("POST", f"/sessions/{session_id}/tokens")["jwt"])

    def odd_token(
        self,
        session_id: str,
        *,
        iat_offset_s: float = 0,
        expires_in_s: float = 60,
        issuer: str | None = None,
        claims: dict[str, Any] | None = None,
    ) -> str:
        """Mint a token that the real key signed, but whose time or issuer is wrong.

        Args:
            session_id: A session of this instance.
            iat_offset_s: Seconds added to the moment of issue; negative lies in the past.
            expires_in_s: Seconds of validity, counted from the moment of issue.
            issuer: Replaces the instance's issuer.
            claims: Replace or add claims.
        """
        body: dict[str, Any] = {
            "session_id": session_id,
            "iat_offset_s": iat_offset_s,
            "expires_in_s": expires_in_s,
        }
        if issuer is not None:
            body["issuer"] = issuer
        if claims is not None:
            body["claims"] = claims
        return str(self._control.call("POST", "/tokens", body)["jwt"])

    def revoke(self, session_id: str) -> None:
        """Revoke a session; tokens that are already out stay valid until they expire."""
        self._api.call("POST", f"/sessions/{session_id}/revoke")
