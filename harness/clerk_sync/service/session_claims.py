"""What a genuine session token says, in either of the two forms that Clerk issues."""

from dataclasses import dataclass
from typing import Any

from clerk_sync.errors import InvalidTokenError

__all__ = ["SessionClaims", "read_claims"]


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """Who is asking, in which session, and for which organization.

    Attributes:
        organization_role: With its prefix, e.g. ``org:admin``, whatever form the token has.
    """

    clerk_id: str
    session_id: str | None
    organization_id: str | None
    organization_role: str | None


def read_claims(claims: dict[str, Any]) -> SessionClaims:
    """Read the claims of a token whose signature and times are good.

    Version 1 has ``org_id`` and ``org_role``; version 2 has ``o`` with ``id`` and ``rol``, a role
    without its prefix.

    Raises:
        InvalidTokenError: The session is not active, or a claim has another type than Clerk's.
    """
    if claims.get("sts", "active") != "active":
        raise InvalidTokenError("the session is pending", reason="session_pending")
    if not claims["sub"]:
        raise InvalidTokenError("the token names nobody", reason="malformed")
    organization = claims.get("o")
    if isinstance(organization, dict):
        organization_id, role = organization.get("id"), organization.get("rol")
        if isinstance(role, str) and not role.startswith("org:"):
            role = f"org:{role}"
    else:
        organization_id, role = claims.get("org_id"), claims.get("org_role")
    return SessionClaims(
        clerk_id=claims["sub"],
        session_id=_text(claims.get("sid")),
        organization_id=_text(organization_id),
        organization_role=_text(role),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
