"""What Clerk takes for a URL."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["check_url"]

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
