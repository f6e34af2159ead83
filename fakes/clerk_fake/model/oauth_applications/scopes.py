"""What OAuth applications may ask of people."""

from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["DEFAULT_SCOPES", "OFFLINE_ACCESS", "read_scopes"]

DEFAULT_SCOPES: Final = "profile email"
OFFLINE_ACCESS: Final = "offline_access"
"""With it, there is a refresh token."""

SCOPES: Final = frozenset(
    {
        "email",
        OFFLINE_ACCESS,
        "openid",
        "private_metadata",
        "profile",
        "public_metadata",
        "user:org:read",
    }
)


def read_scopes(text: str) -> tuple[str, ...]:
    """Return the scopes that are written with blanks between them, each once.

    Raises:
        ApiError: 400, there is no such scope.
    """
    scopes = tuple(dict.fromkeys(text.split()))
    if not SCOPES.issuperset(scopes):
        raise ApiError.of(
            400,
            "oauth_invalid_scope",
            "Invalid scope.",
            "An invalid scope was used. Specify a different scope and try again.",
            param_name="scopes",
        )
    return scopes
