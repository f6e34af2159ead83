import time
from typing import TYPE_CHECKING

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, SDKError, Session
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import TokenVerificationError, VerifyTokenOptions

if TYPE_CHECKING:
    from conftest import InstanceInfo


@pytest.fixture
def session(clerk: Clerk) -> Session:
    user = clerk.users.create(email_address=["ada@example.com"])
    return clerk.sessions.create(request={"user_id": user.id})


def test_a_session_can_be_created_fetched_listed_and_revoked(
    clerk: Clerk, session: Session
) -> None:
    assert session.status.value == "active"
    assert clerk.sessions.get(session_id=session.id) == session
    assert clerk.sessions.list(user_id=session.user_id) == [session]
    assert clerk.sessions.list(client_id=session.client_id, status="active") == [session]

    revoked = clerk.sessions.revoke(session_id=session.id)

    assert revoked.status.value == "revoked"
    assert clerk.sessions.list(user_id=session.user_id, status="active") == []
    assert clerk.sessions.list(user_id=session.user_id, status="revoked") == [revoked]


def test_a_session_token_says_who_and_is_verified_by_the_official_verifier(
    clerk: Clerk, session: Session, instance: "InstanceInfo"
) -> None:
    token = clerk.sessions.create_token(session_id=session.id).jwt
    assert token is not None

    claims = verify_token(token, VerifyTokenOptions(jwt_key=instance.public_key_pem))

    assert (claims["sub"], claims["sid"], claims["iss"]) == (
        session.user_id,
        session.id,
        instance.issuer,
    )
    assert (claims["v"], claims["sts"], claims["fva"]) == (2, "active", [0, -1])
    assert claims["exp"] - claims["iat"] == 60
    assert claims["nbf"] <= claims["iat"]
    assert abs(claims["iat"] - time.time()) < 30
    assert jwt.get_unverified_header(token) == {
        "alg": "RS256",
        "cat": "cl_B7d4PD111AAA",
        "kid": instance.instance_id,
        "oiat": claims["iat"],
        "typ": "JWT",
    }


def test_the_official_verifier_finds_the_key_in_the_jwks(
    clerk: Clerk, session: Session, instance: "InstanceInfo"
) -> None:
    token = clerk.sessions.create_token(session_id=session.id).jwt
    assert token is not None
    options = VerifyTokenOptions(
        secret_key=instance.secret_key, api_url=instance.api_url.removesuffix("/v1")
    )

    assert verify_token(token, options)["sid"] == session.id


def test_the_public_jwks_and_the_one_of_the_backend_api_are_the_same(
    clerk: Clerk, session: Session, instance: "InstanceInfo"
) -> None:
    token = clerk.sessions.create_token(session_id=session.id, expires_in_seconds=3600).jwt
    assert token is not None
    public = httpx.get(instance.jwks_url).json()["keys"]
    keys = clerk.jwks.get_jwks().keys
    assert keys is not None

    assert [key.model_dump() for key in keys] == public
    key = jwt.PyJWK(public[0])
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=instance.issuer)
    assert claims["exp"] - claims["iat"] == 3600


def test_tokens_of_two_instances_differ_in_kid(
    http: httpx.Client, instance: "InstanceInfo"
) -> None:
    other = http.post("/__fake__/instances").json()

    kids = {
        httpx.get(url).json()["keys"][0]["kid"] for url in (instance.jwks_url, other["jwks_url"])
    }

    assert kids == {instance.instance_id, other["instance_id"]}


def test_no_token_is_to_be_had_for_a_session_that_is_over(clerk: Clerk, session: Session) -> None:
    clerk.sessions.revoke(session_id=session.id)

    with pytest.raises(ClerkErrors) as refusal:
        clerk.sessions.create_token(session_id=session.id)

    assert refusal.value.status_code == 404
    assert refusal.value.data.errors[0].code == "resource_not_found"


@pytest.mark.parametrize("end", ["ban", "delete"])
def test_no_token_is_to_be_had_for_a_user_who_may_not_come_in(
    clerk: Clerk, session: Session, end: str
) -> None:
    getattr(clerk.users, end)(user_id=session.user_id)

    with pytest.raises(ClerkErrors) as refusal:
        clerk.sessions.create_token(session_id=session.id)

    assert refusal.value.status_code == 404


def test_the_sessions_of_a_deleted_user_are_gone(clerk: Clerk, session: Session) -> None:
    clerk.users.delete(user_id=session.user_id)

    assert clerk.sessions.list(client_id=session.client_id) == []
    with pytest.raises(ClerkErrors) as refusal:
        clerk.sessions.get(session_id=session.id)
    assert refusal.value.status_code == 404


def test_a_template_that_does_not_exist_is_not_found(clerk: Clerk, session: Session) -> None:
    with pytest.raises(ClerkErrors) as refusal:
        clerk.sessions.create_token_from_template(session_id=session.id, template_name="hasura")

    assert refusal.value.data.errors[0].code == "resource_not_found"


def test_a_ban_revokes_every_session_and_forbids_new_ones(clerk: Clerk, session: Session) -> None:
    clerk.users.ban(user_id=session.user_id)

    assert clerk.sessions.get(session_id=session.id).status.value == "revoked"
    with pytest.raises(SDKError, match="user_banned") as refusal:
        clerk.sessions.create(request={"user_id": session.user_id})
    assert refusal.value.status_code == 403


def test_a_session_for_nobody_is_refused(clerk: Clerk) -> None:
    with pytest.raises(ClerkErrors) as refusal:
        clerk.sessions.create(request={"user_id": "user_nobody"})

    assert refusal.value.status_code == 404


def test_sessions_expire_on_the_clock_of_the_instance(
    clerk: Clerk, session: Session, control: httpx.Client
) -> None:
    control.post("/clock/advance", json={"seconds": 7 * 24 * 3600})

    assert clerk.sessions.get(session_id=session.id).status.value == "expired"
    with pytest.raises(ClerkErrors):
        clerk.sessions.create_token(session_id=session.id)


def test_a_session_is_verified_by_its_own_token_only(
    bapi: httpx.Client, clerk: Clerk, session: Session
) -> None:
    token = clerk.sessions.create_token(session_id=session.id).jwt
    path = f"/sessions/{session.id}/verify"

    assert bapi.post(path, json={"token": token}).json()["id"] == session.id
    assert bapi.post(path, json={"token": f"{token}x"}).status_code == 401
    assert bapi.post(path, json={"token": "é.ü.ö"}).status_code == 401
    other = clerk.sessions.create(request={"user_id": session.user_id})
    refused = bapi.post(f"/sessions/{other.id}/verify", json={"token": token})
    assert refused.status_code == 401


def test_the_control_plane_signs_odd_tokens_truly(
    control: httpx.Client, session: Session, instance: "InstanceInfo"
) -> None:
    options = VerifyTokenOptions(jwt_key=instance.public_key_pem)

    expired = control.post("/tokens", json={"session_id": session.id, "iat_offset_s": -3600})
    foreign = control.post(
        "/tokens",
        json={"session_id": session.id, "issuer": "https://evil.example", "claims": {"azp": "x"}},
    )

    with pytest.raises(TokenVerificationError, match="expired"):
        verify_token(expired.json()["jwt"], options)
    claims = verify_token(foreign.json()["jwt"], options)
    assert (claims["iss"], claims["azp"]) == ("https://evil.example", "x")
