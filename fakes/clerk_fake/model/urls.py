"""What Clerk takes for a URL."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from clerk_fake.errors import ApiError

__all__ = ["check_secure_url", "check_url"]

URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\x00-\x1f]+")


def check_url(url: str, name: str) -> str:
    """Return the URL; ``name`` is the parameter's.

    Raises:
        ApiError: 422, it is no absolute URL, of whatever scheme.
    """
    if not URL.fullmatch(url):
        raise ApiError.bad_format(
            name, "an absolute URL, e.g. https://my-app.com/oauth-callback or my-app://callback"
        )
    return url


def check_secure_url(url: str, name: str) -> SplitResult:
    """Return the parts of an https URL; ``name`` is the parameter's.

    Raises:
        ApiError: 422, it is none.
    """
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError as malformed:
        raise ApiError.bad_format(name, "an absolute URL") from malformed
    if not usable:
        raise ApiError.bad_format(name, "an absolute URL")
    if parts.scheme != "https":
        raise ApiError.of(
            422,
            "insecure_url",
            "Insecure URL",
            "Please provide a secure URL (https)",
            param_name=name,
        )
    return parts
