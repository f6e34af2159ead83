"""Sessions, clients, sign-ups, and the tokens that people come in with."""

from collections.abc import Mapping
from typing import Final

from walking.callers import Caller
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]


def sessions(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    session = call("createSession", body={"user_id": user["id"]})
    has(session, {"user_id": user["id"], "status": "active"})
    assert call("GetSession", session["id"]) == session
    for query in (
        {"client_id": session["client_id"]},
        {"user_id": user["id"]},
        {"status": "active"},
        {"limit": 1, "offset": 0},
        {"paginated": True},
    ):
        assert rows(call("GetSessionList", query=query)) == [session], query
    token = call("CreateSessionToken", session["id"], body={"expires_in_seconds": 120})
    assert token["jwt"].count(".") == 2
    call("CreateJWTTemplate", body={"name": "hasura", "claims": {"a": "{{user.id}}"}})
    rendered = call(
        "CreateSessionTokenFromTemplate", session["id"], "hasura", body={"expires_in_seconds": 120}
    )
    assert rendered["jwt"].count(".") == 2
    origin = "https://app.example"
    expired = call.prepare(
        "POST", "/tokens", {"session_id": session["id"], "claims": {"azp": origin}}
    )
    refresh = call.prepare("POST", f"/sessions/{session['id']}/refresh_token", {})
    refreshed = call(
        "RefreshSession",
        session["id"],
        body={
            "expired_token": expired["jwt"],
            "refresh_token": refresh["refresh_token"],
            "request_origin": origin,
            "request_headers": {"host": ["app.example"]},
            "format": "token",
            "request_originating_ip": "127.0.0.1",
        },
    )
    assert refreshed["jwt"].count(".") == 2
    organization = call("CreateOrganization", body={"name": "Acme", "created_by": user["id"]})
    within = call(
        "createSession",
        body={"user_id": user["id"], "active_organization_id": organization["id"]},
    )
    has(within, {"last_active_organization_id": organization["id"]})
    has(call("RevokeSession", session["id"]), {"id": session["id"], "status": "revoked"})


def jwks(call: Caller) -> None:
    keys = call("GetJWKS")["keys"]
    assert [key["kty"] for key in keys] == ["RSA"]


def clients(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    session = call("createSession", body={"user_id": user["id"]})
    client = call("GetClient", session["client_id"])
    has(client, {"id": session["client_id"], "session_ids": [session["id"]]})
    assert rows(call("GetClientList", query={"limit": 1, "offset": 0})) == [client]
    paged = call("GetClientList", query={"paginated": False})
    assert rows(paged) == [client]
    token = call("CreateSessionToken", session["id"])["jwt"]
    has(call("VerifyClient", body={"token": token}), {"id": client["id"]})


def actor_tokens(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    token = call(
        "CreateActorToken",
        body={
            "user_id": user["id"],
            "actor": {"sub": "user_support"},
            "expires_in_seconds": 600,
            "session_max_duration_in_seconds": 900,
        },
    )
    has(token, {"user_id": user["id"], "status": "pending"})
    assert token["actor"] in ({"sub": "user_support"}, {})  # the Python client reads no actor
    revoked = call("RevokeActorToken", token["id"])
    has(revoked, {"id": token["id"], "status": "revoked"})


def sign_in_tokens(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    organization = call("CreateOrganization", body={"name": "Acme", "created_by": user["id"]})
    token = call(
        "CreateSignInToken",
        body={"user_id": user["id"], "org_id": organization["id"], "expires_in_seconds": 600},
    )
    has(token, {"user_id": user["id"], "status": "pending"})
    assert token["token"]
    has(call("RevokeSignInToken", token["id"]), {"id": token["id"], "status": "revoked"})


def testing_tokens(call: Caller) -> None:
    assert call("CreateTestingToken")["token"]


def jwt_templates(call: Caller) -> None:
    body = {
        "name": "hasura",
        "claims": {"role": "{{user.public_metadata.role}}", "fixed": 1},
        "lifetime": 120,
        "allowed_clock_skew": 7,
        "custom_signing_key": True,
        "signing_algorithm": "HS256",
    }
    template = call("CreateJWTTemplate", body={**body, "signing_key": "s" * 32})
    assert template.pop("claims") in (body.pop("claims"), {})  # the Python client sends none
    has(template, body)
    has(call("GetJWTTemplate", template["id"]), template)
    for query in ({"limit": 1, "offset": 0}, {"paginated": True}):
        (listed,) = rows(call("ListJWTTemplates", query=query))
        has(listed, template)
    changes = {**body, "name": "grafbase", "claims": {}, "lifetime": 60, "allowed_clock_skew": 5}
    changed = call("UpdateJWTTemplate", template["id"], body={**changes, "signing_key": "t" * 32})
    has(changed, changes)
    gone = call("DeleteJWTTemplate", template["id"])
    has(gone, {"id": template["id"], "deleted": True})


def sign_ups(call: Caller) -> None:
    sign_up = call.prepare("POST", "/sign_ups", {"username": "ada_l"})
    has(call("GetSignUp", sign_up["id"]), {"username": "ada_l", "status": "missing_requirements"})
    changes = {"external_id": "e1", "custom_action": True}
    has(call("UpdateSignUp", sign_up["id"], body=changes), changes)


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Sessions": sessions,
    "JWKS": jwks,
    "Clients": clients,
    "Actor Tokens": actor_tokens,
    "Sign-in Tokens": sign_in_tokens,
    "Sign Ups": sign_ups,
    "Testing Tokens": testing_tokens,
    "JWT Templates": jwt_templates,
}
