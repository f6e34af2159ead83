"""Which requests are counted together, and in how long a window."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clerk_fake.limits.settings import Limits

__all__ = ["Rate", "rates_of"]

TEN_SECONDS_MS: Final = 10_000
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests that are counted together.

    Attributes:
        name: Tells it from others.
        limit: Finds how many are allowed.
        window_ms: In how long.
        per: The variable of the path whose values are counted apart; ``None`` for none.
    """

    name: str
    limit: Callable[[Limits], int | None]
    window_ms: int
    per: str | None = None


ALL: Final = Rate("requests", lambda limits: limits.requests_per_10s, TEN_SECONDS_MS)
UPDATES: Final = Rate(
    "user_updates", lambda limits: limits.user_updates_per_10s, TEN_SECONDS_MS, per="user_id"
)
SPECIAL: Final[Mapping[tuple[str, str], Rate]] = MappingProxyType(
    {
        ("PATCH", "/v1/users/{}"): UPDATES,
        ("PATCH", "/v1/users/{}/metadata"): UPDATES,
        ("PUT", "/v1/users/{}/metadata"): UPDATES,
        ("POST", "/v1/invitations"): Rate(
            "invitations", lambda limits: limits.invitations_per_hour, HOUR_MS
        ),
        ("POST", "/v1/invitations/bulk"): Rate(
            "bulk_invitations", lambda limits: limits.bulk_invitations_per_hour, HOUR_MS
        ),
        ("POST", "/v1/organizations/{}/invitations"): Rate(
            "organization_invitations",
            lambda limits: limits.organization_invitations_per_hour,
            HOUR_MS,
        ),
        ("POST", "/v1/organizations/{}/invitations/bulk"): Rate(
            "bulk_organization_invitations",
            lambda limits: limits.bulk_organization_invitations_per_hour,
            HOUR_MS,
        ),
    }
)
UNLIMITED: Final = frozenset({("GET", "/v1/jwks")})


def rates_of(method: str, path: str) -> tuple[Rate, ...]:
    """Return what a request to the operation ``method path`` counts towards."""
    operation = (method, re.sub(r"\{\w+\}", "{}", path))
    if operation in UNLIMITED:
        return ()
    special = SPECIAL.get(operation)
    return (ALL,) if special is None else (ALL, special)
