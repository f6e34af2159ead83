"""What the service asks of Clerk's Backend API; nothing here changes anything there."""

from typing import Any, Final, TypeAlias
from urllib.parse import quote

import httpx

from clerk_sync.breaker import Breaker
from clerk_sync.clerk_http import ClerkHttp, open_http
from clerk_sync.errors import ClerkApiError

__all__ = ["PAGE_LIMIT", "ClerkApi", "open_http"]

Json: TypeAlias = dict[str, Any]
Query: TypeAlias = dict[str, str | int]

ONE_WITHIN_S: Final = 4.0
PAGE_WITHIN_S: Final = 20.0
PAGE_LIMIT: Final = 500
"""Most records that Clerk puts on a page."""


class ClerkApi:
    """Clerk's Backend API.

    Every method raises ``ClerkApiError`` when there is no usable answer within 4 s (20 s for a
    page), or when the breaker is open; with patience, after it has tried again for so long.

    Args:
        http: Shared client; not closed here.
        base_url: With the version, e.g. ``https://api.clerk.com/v1``.
        secret_key: ``sk_…``.
        breaker: Guards every call; with 5 failures and 5 s when omitted.
        patience_s: For so many seconds a failed call is made again; 0 where somebody waits.

    Attributes:
        breaker: As given, or made.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        secret_key: str,
        breaker: Breaker | None = None,
        patience_s: float = 0.0,
    ) -> None:
        self.breaker = breaker or Breaker(failures=5, reset_s=5)
        self._clerk = ClerkHttp(
            http,
            base_url=base_url,
            secret_key=secret_key,
            breaker=self.breaker,
            patience_s=patience_s,
        )

    async def get_user(self, clerk_id: str) -> Json | None:
        """Return the user as Clerk holds it now, or ``None`` when Clerk has no such user."""
        return await self._one(f"/users/{_segment(clerk_id)}")

    async def get_organization(self, clerk_id: str) -> Json | None:
        """Return the organization, or ``None`` when there is none."""
        return await self._one(f"/organizations/{_segment(clerk_id)}")

    async def get_membership(self, organization_id: str, user_id: str) -> Json | None:
        """Return the membership that a user has in an organization now, or ``None``."""
        path = f"/organizations/{_segment(organization_id)}/memberships"
        found = await self._page(path, {"user_id": user_id, "limit": 1})
        return found[0] if found else None

    async def get_role(self, clerk_id: str) -> Json | None:
        """Return a role of organizations' members, or ``None`` when there is none."""
        return await self._one(f"/organization_roles/{_segment(clerk_id)}")

    async def get_invitation(
        self, clerk_id: str, organization_id: str | None = None
    ) -> Json | None:
        """Return an invitation to the application, or to an organization, or ``None``."""
        if organization_id is not None:
            organization = _segment(organization_id)
            return await self._one(
                f"/organizations/{organization}/invitations/{_segment(clerk_id)}"
            )
        # Clerk finds one of these by a search only, and a revoked one only when asked for it.
        search: Query = {"query": clerk_id, "limit": 1}
        for query in (search, {**search, "status": "revoked"}):
            rows = await self._page("/invitations", query)
            found = next((row for row in rows or () if row.get("id") == clerk_id), None)
            if found is not None:
                return found
        return None

    async def list_users(self, *, limit: int = PAGE_LIMIT, offset: int = 0) -> list[Json]:
        """Return users, oldest first."""
        return await self._list("/users", limit, offset)

    async def list_organizations(self, *, limit: int = PAGE_LIMIT, offset: int = 0) -> list[Json]:
        """Return organizations, oldest first."""
        return await self._list("/organizations", limit, offset)

    async def list_roles(self, *, limit: int = PAGE_LIMIT, offset: int = 0) -> list[Json]:
        """Return the roles that members of organizations may have, oldest first."""
        return await self._list("/organization_roles", limit, offset)

    async def list_memberships(
        self, *, limit: int = PAGE_LIMIT, offset: int = 0, organization_id: str | None = None
    ) -> list[Json]:
        """Return the memberships of one organization, or of all, oldest first."""
        path = "/organization_memberships"
        if organization_id is not None:
            path = f"/organizations/{_segment(organization_id)}/memberships"
        return await self._list(path, limit, offset)

    async def list_invitations(
        self, *, limit: int = PAGE_LIMIT, offset: int = 0, revoked: bool = False
    ) -> list[Json]:
        """Return invitations to the application, oldest first.

        Args:
            limit: Most that are returned.
            offset: So many are skipped.
            revoked: Only revoked ones, which no other list shows.
        """
        return await self._list(
            "/invitations", limit, offset, **({"status": "revoked"} if revoked else {})
        )

    async def list_organization_invitations(
        self, *, limit: int = PAGE_LIMIT, offset: int = 0
    ) -> list[Json]:
        """Return invitations to all organizations, oldest first."""
        return await self._list("/organization_invitations", limit, offset)

    async def ping(self) -> None:
        """Ask for something small that does not count for the rate limit."""
        await self._clerk.get("/jwks", {}, within_s=ONE_WITHIN_S)

    async def _one(self, path: str) -> Json | None:
        document = await self._clerk.get(path, {}, within_s=ONE_WITHIN_S)
        if document is not None and not isinstance(document, dict):
            raise ClerkApiError("Clerk's API answers with something that is no record")
        return document

    async def _list(self, path: str, limit: int, offset: int, **more: str) -> list[Json]:
        order: Query = {"order_by": "+created_at", "limit": limit, "offset": offset}
        rows = await self._page(path, {**order, **more})
        if rows is None:
            raise ClerkApiError(f"Clerk's API has no {path}", "see CLERK_API_URL", passing=False)
        return rows

    async def _page(self, path: str, query: Query) -> list[Json] | None:
        """Return the rows of a list, which Clerk gives bare or with a count; ``None`` at 404."""
        document = await self._clerk.get(path, query, within_s=PAGE_WITHIN_S)
        if document is None:
            return None
        rows = document.get("data") if isinstance(document, dict) else document
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ClerkApiError("Clerk's API answers with something that is no list")
        return rows


def _segment(clerk_id: str) -> str:
    return quote(clerk_id, safe="")
