import json
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, SDKError

CLERKS_OWN = {
    "requests_per_10s": 100,
    "user_updates_per_10s": 10,
    "invitations_per_hour": 100,
    "bulk_invitations_per_hour": 25,
    "organization_invitations_per_hour": 250,
    "bulk_organization_invitations_per_hour": 50,
    "users": 100,
}


@pytest.fixture(autouse=True)
def still(control: httpx.Client) -> None:
    """The instance's time stands still, so that no window moves by itself."""
    control.put("/clock", json={"frozen": True})


def _limit(control: httpx.Client, **limits: Any) -> dict[str, Any]:
    return control.put("/limits", json=limits).raise_for_status().json()


def _refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    (error,) = response.json()["errors"]
    return response.status_code, error["code"], response.headers.get("retry-after")


def test_nothing_is_limited_until_somebody_says_so(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    assert control.get("/limits").json() == {"enabled": False, **CLERKS_OWN}
    assert {bapi.get("/users/count").status_code for _ in range(120)} == {200}


def test_one_setting_brings_clerks_limits(control: httpx.Client) -> None:
    assert _limit(control) == {"enabled": True, **CLERKS_OWN}
    production = _limit(control, environment="production")
    assert production == {
        "enabled": True,
        **CLERKS_OWN,
        "requests_per_10s": 1000,
        "users": None,
    }
    assert _limit(control, enabled=False)["enabled"] is False
    control.patch("/settings", json={"general": {"environment": "production"}}).raise_for_status()
    assert _limit(control) == production
    assert _limit(control, environment="development") == {"enabled": True, **CLERKS_OWN}


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        (True, {"enabled": True, **CLERKS_OWN}),
        (False, {"enabled": False, **CLERKS_OWN}),
        ({"users": 3}, {"enabled": True, **CLERKS_OWN, "users": 3}),
        ({"users": None}, {"enabled": True, **CLERKS_OWN, "users": None}),
    ],
)
def test_an_instance_can_be_made_with_limits(
    http: httpx.Client, limits: object, shown: object
) -> None:
    info = http.post("/__fake__/instances", json={"limits": limits}).json()
    path = f"/__fake__/instances/{info['instance_id']}"

    assert http.get(f"{path}/limits").json() == shown
    http.put(f"{path}/limits", json={"users": 1})
    http.post(f"{path}/reset")
    assert http.get(f"{path}/limits").json() == shown


@pytest.mark.parametrize(
    "unusable",
    [
        {"limits": 1},
        {"limits": "yes"},
        {"limits": []},
        {"limits": {"users": -1}},
        {"limits": {"users": "many"}},
        {"limits": {"cars": 1}},
        {"limits": {"environment": "staging"}},
    ],
)
def test_limits_that_make_no_sense_are_refused(
    http: httpx.Client, control: httpx.Client, unusable: dict[str, Any]
) -> None:
    assert http.post("/__fake__/instances", json=unusable).status_code == 422
    if isinstance(unusable["limits"], dict):
        assert control.put("/limits", json=unusable["limits"]).status_code == 422
    assert control.get("/limits").json()["enabled"] is False


def test_the_hundred_and_first_request_in_ten_seconds_is_refused(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _limit(control)

    assert {bapi.get("/users/count").status_code for _ in range(100)} == {200}
    control.post("/clock/advance", json={"seconds": 3.5})
    assert _refusal(bapi.get("/users/count")) == (429, "too_many_requests", "7")
    assert _refusal(bapi.post("/users", json={"username": "ada_l"}))[0] == 429
    assert bapi.get("/jwks").status_code == 200
    control.post("/clock/advance", json={"seconds": 6.5})
    assert bapi.get("/users/count").json()["total_count"] == 0


def test_a_window_slides(bapi: httpx.Client, control: httpx.Client) -> None:
    _limit(control, requests_per_10s=2)

    statuses = []
    for _ in range(5):
        statuses.append(bapi.get("/users/count").status_code)
        control.post("/clock/advance", json={"seconds": 4})

    assert statuses == [200, 200, 429, 200, 200]


def test_each_secret_key_has_a_count_of_its_own(
    http: httpx.Client, bapi: httpx.Client, control: httpx.Client
) -> None:
    other = http.post("/__fake__/instances", json={"limits": {"requests_per_10s": 1}}).json()
    _limit(control, requests_per_10s=1)

    assert bapi.get("/users").status_code == 200
    assert bapi.get("/users").status_code == 429
    headers = {"authorization": f"Bearer {other['secret_key']}"}
    assert http.get("/v1/users", headers=headers).status_code == 200
    assert http.get("/v1/users", headers=headers).status_code == 429


def test_one_user_is_updated_ten_times_in_ten_seconds(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    ada = bapi.post("/users", json={"username": "ada_l"}).json()["id"]
    ben = bapi.post("/users", json={"username": "ben_l"}).json()["id"]
    _limit(control)
    change = {"public_metadata": {"a": 1}}

    for _ in range(5):
        assert bapi.patch(f"/users/{ada}", json={"first_name": "A"}).status_code == 200
        assert bapi.patch(f"/users/{ada}/metadata", json=change).status_code == 200
    before = control.get("/messages").json()["data"]
    for refused in (
        bapi.patch(f"/users/{ada}", json={"first_name": "B"}),
        bapi.patch(f"/users/{ada}/metadata", json=change),
        bapi.put(f"/users/{ada}/metadata", json=change),
    ):
        assert _refusal(refused) == (429, "too_many_requests", "10")
    assert control.get("/messages").json()["data"] == before
    assert bapi.get(f"/users/{ada}").json()["first_name"] == "A"
    assert bapi.patch(f"/users/{ben}", json={"first_name": "B"}).status_code == 200
    control.post("/clock/advance", json={"seconds": 10})
    assert bapi.patch(f"/users/{ada}", json={"first_name": "B"}).status_code == 200


def test_invitations_are_refused_when_the_hour_has_had_enough(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _limit(control, invitations_per_hour=2, bulk_invitations_per_hour=1)
    for number in range(2):
        body = {"email_address": f"guest_{number}@example.com"}
        assert bapi.post("/invitations", json=body).status_code == 200
    many = [{"email_address": f"crowd_{number}@example.com"} for number in range(3)]
    assert bapi.post("/invitations/bulk", json=many).status_code == 200

    one_more = {"email_address": "late@example.com"}
    assert _refusal(bapi.post("/invitations", json=one_more)) == (
        429,
        "too_many_requests",
        "3600",
    )
    assert _refusal(bapi.post("/invitations/bulk", json=[one_more]))[0] == 429
    assert len(bapi.get("/invitations").json()) == 5
    control.post("/clock/advance", json={"seconds": 3600})
    assert bapi.post("/invitations", json=one_more).status_code == 200


def test_a_development_instance_holds_a_hundred_users(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    _limit(control, requests_per_10s=None)
    users = [clerk.users.create(username=f"user_{number}") for number in range(100)]

    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.create(username="one_more")

    assert refusal.value.status_code == 403
    (error,) = refusal.value.data.errors
    assert error.code == "user_quota_exceeded"
    assert "limit of 100 users" in (error.long_message or "")
    assert bapi.get("/users/count").json()["total_count"] == 100
    assert len(control.get("/messages").json()["data"]) == 100
    clerk.users.delete(user_id=users[0].id)
    clerk.users.create(username="one_more")


def test_the_official_client_raises_its_own_error_for_429(
    clerk: Clerk, control: httpx.Client
) -> None:
    _limit(control, requests_per_10s=1)
    ada = clerk.users.create(username="ada_l")

    with pytest.raises(SDKError) as refusal:
        clerk.users.get(user_id=ada.id)

    assert refusal.value.status_code == 429
    assert json.loads(refusal.value.body)["errors"][0]["code"] == "too_many_requests"
    assert refusal.value.headers["retry-after"] == "10"


def test_a_snapshot_keeps_the_limits_and_not_what_was_used(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _limit(control, requests_per_10s=1)
    bapi.get("/users")
    snapshot = control.get("/snapshot").json()
    _limit(control, enabled=False)

    control.put("/snapshot", json=snapshot)

    assert control.get("/limits").json()["requests_per_10s"] == 1
    assert [bapi.get("/users").status_code for _ in range(2)] == [200, 429]
    old = {name: value for name, value in snapshot.items() if name != "limits"}
    control.put("/snapshot", json=old)
    assert control.get("/limits").json()["enabled"] is False
