from typing import Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk, models
from conftest import InstanceInfo

ORIGIN = "https://app.example"


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"], password="analytical engine")


def claims_of(bapi: httpx.Client, instance: InstanceInfo, session_id: str) -> dict[str, Any]:
    token = bapi.post(f"/sessions/{session_id}/tokens").raise_for_status().json()["jwt"]
    return jwt.decode(token, instance.public_key_pem, algorithms=["RS256"])


def test_the_active_organization_is_told_compactly(
    clerk: Clerk, bapi: httpx.Client, instance: InstanceInfo, user: models.User
) -> None:
    role = bapi.post(
        "/organization_roles", json={"name": "Coach", "key": "org:coach", "description": "x"}
    ).json()
    for key in ("org:teams:read", "org:dashboard:read", "org:dashboard:manage"):
        permission = bapi.post(
            "/organization_permissions", json={"name": key, "key": key, "description": "x"}
        ).json()
        bapi.post(f"/organization_roles/{role['id']}/permissions/{permission['id']}")
    organization = clerk.organizations.create(request={"name": "Acme", "created_by": user.id})
    role_set = bapi.get("/role_sets").json()["data"][0]
    bapi.post(f"/role_sets/{role_set['key']}/roles", json={"role_keys": ["org:coach"]})
    other = clerk.users.create(username="coach")
    bapi.post(
        f"/organizations/{organization.id}/memberships",
        json={"user_id": other.id, "role": "org:coach"},
    ).raise_for_status()
    session = bapi.post(
        "/sessions", json={"user_id": other.id, "active_organization_id": organization.id}
    ).json()

    claims = claims_of(bapi, instance, session["id"])

    assert claims["o"] == {
        "id": organization.id,
        "slg": organization.slug,
        "rol": "coach",
        "per": "read,manage",
        "fpm": "1,3",
    }
    assert claims["fea"] == "o:teams,o:dashboard"


def test_system_permissions_are_not_told(
    clerk: Clerk, bapi: httpx.Client, instance: InstanceInfo, user: models.User
) -> None:
    organization = clerk.organizations.create(request={"name": "Acme", "created_by": user.id})
    session = bapi.post("/sessions", json={"user_id": user.id}).json()

    claims = claims_of(bapi, instance, session["id"])

    assert claims["o"] == {"id": organization.id, "slg": organization.slug, "rol": "admin"}
    assert "fea" not in claims


def test_without_an_organization_there_is_no_claim_on_one(
    bapi: httpx.Client, instance: InstanceInfo, user: models.User
) -> None:
    session = bapi.post("/sessions", json={"user_id": user.id}).json()

    assert not {"o", "fea", "act", "azp"} & set(claims_of(bapi, instance, session["id"]))


def test_the_instance_adds_claims_of_its_own_but_overrides_none(
    bapi: httpx.Client, control: httpx.Client, instance: InstanceInfo, user: models.User
) -> None:
    session = bapi.post("/sessions", json={"user_id": user.id}).json()
    claims = {"email": "{{user.primary_email_address}}", "sub": "somebody else"}
    control.patch("/settings", json={"sessions": {"claims": claims}}).raise_for_status()

    read = claims_of(bapi, instance, session["id"])

    assert (read["email"], read["sub"]) == ("ada@example.com", user.id)


def test_a_pending_session_says_so_in_its_tokens(
    bapi: httpx.Client,
    control: httpx.Client,
    clerk: Clerk,
    instance: InstanceInfo,
    user: models.User,
) -> None:
    clerk.users.set_password_compromised(user_id=user.id)
    session = control.post("/sessions", json={"user_id": user.id}).json()
    assert (session["status"], session["tasks"]) == ("pending", [{"key": "reset-password"}])

    assert claims_of(bapi, instance, session["id"])["sts"] == "pending"
    clerk.users.update(user_id=user.id, password="difference engine")

    assert bapi.get(f"/sessions/{session['id']}").json()["status"] == "active"
    assert claims_of(bapi, instance, session["id"])["sts"] == "active"
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert types[-3:] == ["session.pending", "user.updated", "session.created"]


def refresh(bapi: httpx.Client, session_id: str, body: dict[str, Any]) -> httpx.Response:
    return bapi.post(f"/sessions/{session_id}/refresh", json=body)


@pytest.fixture
def refreshable(
    bapi: httpx.Client, control: httpx.Client, user: models.User
) -> tuple[str, dict[str, Any]]:
    session = bapi.post("/sessions", json={"user_id": user.id}).json()
    expired = control.post(
        "/tokens",
        json={"session_id": session["id"], "iat_offset_s": -120, "claims": {"azp": ORIGIN}},
    ).json()
    refresh_token = control.post(f"/sessions/{session['id']}/refresh_token").json()
    return session["id"], {
        "expired_token": expired["jwt"],
        "refresh_token": refresh_token["refresh_token"],
        "request_origin": ORIGIN,
    }


def test_an_expired_token_is_refreshed_once(
    bapi: httpx.Client, instance: InstanceInfo, refreshable: tuple[str, dict[str, Any]]
) -> None:
    session_id, body = refreshable

    answer = refresh(bapi, session_id, body).raise_for_status().json()
    again = refresh(bapi, session_id, body)

    claims = jwt.decode(answer["jwt"], instance.public_key_pem, algorithms=["RS256"])
    assert (claims["sid"], claims["azp"]) == (session_id, ORIGIN)
    assert again.status_code == 401
    assert again.json()["errors"][0]["code"] == "session_refresh_expired_session_token_consumed"


def test_a_refresh_may_come_as_a_cookie(
    clerk: Clerk, refreshable: tuple[str, dict[str, Any]]
) -> None:
    session_id, body = refreshable

    answer = clerk.sessions.refresh(session_id=session_id, **body, format_="cookie")

    assert isinstance(answer, models.Cookies)
    assert answer.cookies[0].startswith("__session=ey")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"request_origin": "nowhere"}, "refresh_request_origin_invalid"),
        ({"request_origin": "https://other.example"}, "refresh_request_origin_azp_mismatch"),
        ({"expired_token": "a.b.c"}, "expired_session_token_invalid"),
        ({"refresh_token": "other"}, "refresh_token_not_found"),
    ],
)
def test_a_refresh_that_does_not_fit_is_refused(
    bapi: httpx.Client,
    refreshable: tuple[str, dict[str, Any]],
    change: dict[str, str],
    code: str,
) -> None:
    session_id, body = refreshable

    answer = refresh(bapi, session_id, {**body, **change})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == code


def test_a_token_that_lacks_a_claim_or_is_old_is_not_refreshed(
    bapi: httpx.Client, control: httpx.Client, refreshable: tuple[str, dict[str, Any]]
) -> None:
    session_id, body = refreshable

    def refused(session: str = session_id, **odd: Any) -> str:
        made = control.post("/tokens", json={"session_id": session_id, **odd}).json()
        answer = refresh(bapi, session, {**body, "expired_token": made["jwt"]})
        assert answer.status_code == 401
        return answer.json()["errors"][0]["code"]

    azp = {"azp": ORIGIN}
    assert refused() == "expired_session_token_missing_azp"
    assert refused(claims={**azp, "sid": "sess_2"}) == "refresh_sid_mismatch"
    assert refused("sess_2", claims={**azp, "sid": "sess_2"}) == "session_refresh_session_not_found"
    too_old = "session_refresh_expired_session_token_too_old"
    assert refused(claims=azp, iat_offset_s=-90_000) == too_old
    assert refused(claims={**azp, "iat": "x"}) == too_old
    bapi.post(f"/sessions/{session_id}/revoke").raise_for_status()
    assert refused(claims=azp) == "session_refresh_inactive_session"
