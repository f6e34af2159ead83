"""Tokens that are issued by a clock that goes wrong."""

from typing import Any

import httpx
import jwt
import pytest


def _set(control: httpx.Client, skew_s: int) -> str:
    created = control.post("/faults", json={"kind": "clock_skew", "skew_s": skew_s})
    return str(created.raise_for_status().json()["id"])


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("skew_s", [-90, 3600])
def test_a_clock_skew_shifts_tokens_and_nothing_else(
    bapi: httpx.Client, control: httpx.Client, skew_s: int
) -> None:
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    fault = _set(control, skew_s)
    session = bapi.post("/sessions", json={"user_id": user["id"]}).json()

    claims = _claims(bapi.post(f"/sessions/{session['id']}/tokens").json()["jwt"])
    odd = _claims(control.post("/tokens", json={"session_id": session["id"]}).json()["jwt"])

    assert claims["iat"] == 1_700_000_000 + skew_s
    assert claims["exp"] - claims["iat"] == 60
    assert claims["iat"] - claims["nbf"] == 10
    assert session["created_at"] == 1_700_000_000_000
    assert odd["iat"] == 1_700_000_000
    assert control.get(f"/faults/{fault}").json()["fired"] == 1
    control.delete("/faults")
    healed = _claims(bapi.post(f"/sessions/{session['id']}/tokens").json()["jwt"])
    assert healed["iat"] == 1_700_000_000


def test_skews_add_up(bapi: httpx.Client, control: httpx.Client) -> None:
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    session = bapi.post("/sessions", json={"user_id": user["id"]}).json()
    for skew_s in (100, -30):
        _set(control, skew_s)

    token = bapi.post(f"/sessions/{session['id']}/tokens").json()["jwt"]

    assert _claims(token)["iat"] == 1_700_000_070
