"""New signing keys, as clients meet them: the tokens before and after, and the key sets."""

from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from clerk_backend_api.security import VerifyTokenOptions, verify_token
from clerk_backend_api.security.types import TokenVerificationError

if TYPE_CHECKING:
    from conftest import InstanceInfo


@pytest.fixture
def session_id(bapi: httpx.Client) -> str:
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    return str(bapi.post("/sessions", json={"user_id": user["id"]}).json()["id"])


def _token(bapi: httpx.Client, session_id: str) -> str:
    return str(bapi.post(f"/sessions/{session_id}/tokens").json()["jwt"])


def _verified(http: httpx.Client, instance: "InstanceInfo", token: str) -> str:
    """Verify as a service does that fetches the keys: by the ``kid`` of the token."""
    key_set = jwt.PyJWKSet.from_dict(http.get(instance.jwks_url).json())
    key = key_set[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"])
    return str(claims["sid"])


def test_tokens_before_and_after_a_rotation_are_good_until_the_overlap_has_passed(
    bapi: httpx.Client,
    http: httpx.Client,
    control: httpx.Client,
    instance: "InstanceInfo",
    session_id: str,
) -> None:
    before = _token(bapi, session_id)
    fault = control.post("/faults", json={"kind": "jwks_rotation", "overlap_s": 60}).json()
    after = _token(bapi, session_id)

    assert (fault["matched"], fault["fired"], fault["overlap_s"]) == (1, 1, 60)
    assert jwt.get_unverified_header(before)["kid"] == instance.instance_id
    assert jwt.get_unverified_header(after)["kid"] == f"{instance.instance_id}_1"
    assert _verified(http, instance, before) == _verified(http, instance, after) == session_id
    assert http.get(instance.jwks_url).json() == bapi.get("/jwks").json()

    control.post("/clock/advance", json={"seconds": 60})
    assert _verified(http, instance, after) == session_id
    with pytest.raises(KeyError):
        _verified(http, instance, before)
    refused = bapi.post(f"/sessions/{session_id}/verify", json={"token": before})
    assert refused.status_code == 401


def test_a_healed_rotation_brings_the_old_key_back(
    bapi: httpx.Client,
    http: httpx.Client,
    control: httpx.Client,
    instance: "InstanceInfo",
    session_id: str,
) -> None:
    fault = control.post("/faults", json={"kind": "jwks_rotation", "overlap_s": 0}).json()
    meanwhile = _token(bapi, session_id)

    control.delete(f"/faults/{fault['id']}")

    assert jwt.get_unverified_header(_token(bapi, session_id))["kid"] == instance.instance_id
    with pytest.raises(KeyError):
        _verified(http, instance, meanwhile)
    told = control.get("/signing-key").json()
    assert told["public_key_pem"] == instance.public_key_pem


def test_whoever_pinned_the_public_key_is_left_behind(
    bapi: httpx.Client,
    http: httpx.Client,
    control: httpx.Client,
    instance: "InstanceInfo",
    session_id: str,
) -> None:
    pinned = VerifyTokenOptions(jwt_key=instance.public_key_pem)
    assert verify_token(_token(bapi, session_id), pinned)["sid"] == session_id

    told = control.post("/signing-key/rotate", json={"overlap_s": 60}).json()

    token = _token(bapi, session_id)
    with pytest.raises(TokenVerificationError):
        verify_token(token, pinned)
    shown = http.get(f"/__fake__/instances/{instance.instance_id}").json()
    assert shown["public_key_pem"] == told["public_key_pem"] != instance.public_key_pem
    renewed = VerifyTokenOptions(jwt_key=told["public_key_pem"])
    assert verify_token(token, renewed)["sid"] == session_id


def test_a_rotation_for_good_tells_what_is_published_and_ends_with_a_reset(
    control: httpx.Client, instance: "InstanceInfo"
) -> None:
    kid = instance.instance_id
    control.put("/clock", json={"now_ms": 1_000_000, "frozen": True})
    assert control.get("/signing-key").json()["published"] == [{"kid": kid, "until": None}]

    told = control.post("/signing-key/rotate").json()

    assert told["kid"] == f"{kid}_1"
    assert told["published"] == [
        {"kid": f"{kid}_1", "until": None},
        {"kid": kid, "until": 1_300_000},
    ]
    control.delete("/faults")
    assert control.get("/signing-key").json()["kid"] == f"{kid}_1"
    control.post("/reset")
    assert control.get("/signing-key").json()["kid"] == kid


def test_a_rotation_is_refused_where_it_makes_no_sense(
    http: httpx.Client, control: httpx.Client
) -> None:
    for body in ({"overlap_s": -1}, {"method": "GET"}, {"probability": 0.5}, {"times": 1}):
        refused = control.post("/faults", json={"kind": "jwks_rotation", **body})
        assert refused.status_code == 422, body
    nobodys = http.post("/__fake__/faults", json={"kind": "jwks_rotation"})
    assert nobodys.status_code == 422
    assert nobodys.json()["errors"][0]["meta"] == {"param_name": "instance_id"}
    assert control.post("/signing-key/rotate", json={"overlap_s": "long"}).status_code == 422
