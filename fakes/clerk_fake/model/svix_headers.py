"""Headers that users of Svix may add to what an endpoint gets, and those that are secret."""

from collections.abc import Mapping
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["check_svix_headers", "is_sensitive"]

OF_THE_BODY: Final = ("length", "type", "encoding", "language", "location")
FORBIDDEN: Final = frozenset(
    {
        *(f"content-{what}" for what in OF_THE_BODY),
        "age",
        "cache-control",
        "clear-site-data",
        "expires",
        "keep-alive",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "warning",
    }
)
FORBIDDEN_BEGINNINGS: Final = (
    "svix-",
    "x-amz-",
    "x-amzn-",
    "x-azure-",
    "x-fd-",
    "x-gfe",
    "x-goog-",
    "x-google",
    "x-svix-",
)
SENSITIVE: Final = frozenset(
    {
        "authorization",
        "proxy-authenticate",
        "proxy-authorization",
        "www-authenticate",
        "x-api-key",
        "x-auth-token",
    }
)


def check_svix_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers that Svix would send.

    Raises:
        ApiError: 422, one is Svix' own, or nobody's.
    """
    for name in headers:
        lower = name.lower()
        if lower in FORBIDDEN or lower.startswith(FORBIDDEN_BEGINNINGS):
            raise ApiError.bad_value("headers", f"others than {name[:100]}, which is not for users")
    return headers


def is_sensitive(name: str) -> bool:
    """Tell whether nobody is told the value of a header again."""
    return name.lower() in SENSITIVE
