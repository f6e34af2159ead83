import re

import pytest

from clerk_fake.bapi.routes import ROUTES
from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.limits.limiter import MANY_WINDOWS, Limiter
from clerk_fake.limits.rates import SPECIAL, rates_of
from clerk_fake.limits.settings import DEVELOPMENT, Limits


def _still() -> Clock:
    clock = Clock(lambda: 1_000_000)
    clock.turn(frozen=True)
    return clock


def _admitted(limiter: Limiter, method: str, path: str, **params: str) -> int:
    """How many of a thousand requests in a row are let in."""
    for count in range(1000):
        try:
            limiter.admit(rates_of(method, path), params)
        except ApiError:
            return count
    return 1000


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v1/invitations", 100),
        ("/v1/invitations/bulk", 25),
        ("/v1/organizations/{organization_id}/invitations", 250),
        ("/v1/organizations/{organization_id}/invitations/bulk", 50),
    ],
)
def test_invitations_are_counted_by_the_hour_whatever_the_organization(
    path: str, most: int
) -> None:
    clock = _still()
    limiter = Limiter(Limits(requests_per_10s=None), clock)

    assert _admitted(limiter, "POST", path, organization_id="org_1") == most
    with pytest.raises(ApiError) as refusal:
        limiter.admit(rates_of("POST", path), {"organization_id": "org_2"})
    assert refusal.value.headers == {"retry-after": "3600"}
    assert _admitted(limiter, "GET", path) == 1000
    clock.advance(3_600_000)
    assert _admitted(limiter, "POST", path, organization_id="org_1") == most


def test_keys_may_always_be_fetched() -> None:
    limiter = Limiter(DEVELOPMENT, _still())

    assert _admitted(limiter, "GET", "/v1/users/{user_id}", user_id="user_1") == 100
    assert _admitted(limiter, "GET", "/v1/jwks") == 1000


def test_counters_of_many_users_do_not_pile_up() -> None:
    clock = _still()
    limiter = Limiter(Limits(requests_per_10s=None, user_updates_per_10s=1), clock)
    updates = rates_of("PATCH", "/v1/users/{user_id}")
    for number in range(MANY_WINDOWS):
        limiter.admit(updates, {"user_id": f"user_{number}"})
    clock.advance(9_999)
    with pytest.raises(ApiError):
        limiter.admit(updates, {"user_id": "user_0"})
    limiter.admit(updates, {"user_id": "user_new"})
    with pytest.raises(ApiError):
        limiter.admit(updates, {"user_id": "user_0"})

    clock.advance(1)
    limiter.admit(updates, {"user_id": "user_newer"})

    assert len(limiter._windows) == 2


def test_every_operation_that_is_counted_apart_is_offered() -> None:
    offered = {(route.method, re.sub(r"\{\w+\}", "{}", route.path)): route for route in ROUTES}

    assert set(SPECIAL) <= set(offered)
    for operation, rate in SPECIAL.items():
        assert rate.per is None or f"{{{rate.per}}}" in offered[operation].path
