"""What the service asks of Clerk's Backend API, over httpx."""

from typing import Any, Final
from urllib.parse import quote

import httpx
import orjson

from clerk_sync.errors import ClerkApiError

__all__ = ["ClerkApi", "open_http"]

TIMEOUT_S: Final = 3.0


def open_http() -> httpx.AsyncClient:
    """Make the HTTP client for Clerk; the caller closes it."""
    # trust_env off: a proxy variable must not see our secret key, and reading it costs start-up.
    return httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)


class ClerkApi:
    """Clerk's Backend API.

    Args:
        http: Shared client; not closed here.
        base_url: With the version, e.g. ``https://api.clerk.com/v1``.
        secret_key: ``sk_…``.
    """

    def __init__(self, http: httpx.AsyncClient, *, base_url: str, secret_key: str) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {secret_key}"}

    async def get_user(self, clerk_id: str) -> dict[str, Any] | None:
        """Return the user as Clerk holds it now, or ``None`` when Clerk has no such user.

        Raises:
            ClerkApiError: No usable answer within 3 s.
        """
        url = f"{self._base_url}/users/{quote(clerk_id, safe='')}"
        try:
            response = await self._http.get(url, headers=self._headers)
            if response.status_code == httpx.codes.NOT_FOUND:
                return None
            response.raise_for_status()
            document = orjson.loads(response.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as failure:
            raise ClerkApiError(
                f"Clerk's Backend API did not give the user ({failure})",
                "see CLERK_API_URL and CLERK_SECRET_KEY",
            ) from failure
        if not isinstance(document, dict):
            raise ClerkApiError("Clerk's Backend API answered with something that is no user")
        return document
