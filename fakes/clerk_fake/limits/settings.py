"""How much Clerk allows.

Figures: https://clerk.com/docs/guides/how-clerk-works/system-limits, and for users
https://clerk.com/docs/guides/development/managing-environments.
"""

from dataclasses import dataclass
from typing import Final

__all__ = ["DEVELOPMENT", "PRODUCTION", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one instance, those of a development one by default; ``None`` is no limit.

    Attributes:
        requests_per_10s: To the Backend API, all operations together except ``GET /v1/jwks``.
        user_updates_per_10s: Of the data and metadata of one user.
        invitations_per_hour: Requests to ``POST /v1/invitations``.
        bulk_invitations_per_hour: Requests to ``POST /v1/invitations/bulk``.
        organization_invitations_per_hour: Requests that invite one person to any organization.
        bulk_organization_invitations_per_hour: Requests that invite many.
        users: How many there may be at a time.
    """

    requests_per_10s: int | None = 100
    user_updates_per_10s: int | None = 10
    invitations_per_hour: int | None = 100
    bulk_invitations_per_hour: int | None = 25
    organization_invitations_per_hour: int | None = 250
    bulk_organization_invitations_per_hour: int | None = 50
    users: int | None = 100


DEVELOPMENT: Final = Limits()
PRODUCTION: Final = Limits(requests_per_10s=1000, users=None)
