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
    ):
        assert rows(call("GetSessionList", query=query)) == [session], query
    token = call("CreateSessionToken", session["id"], body={"expires_in_seconds": 120})
    assert token["jwt"].count(".") == 2
    call("CreateJWTTemplate", body={"name": "hasura", "claims": {"a": "{{user.id}}"}})
    rendered = call(
        "CreateSessionTokenFromTemplate", session["id"], "hasura", body={"expires_in_seconds": 120}
    )
    assert rendered["jwt"].count(".") == 2
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
    has(token, {"user_id": user["id"], "actor": {"sub": "user_support"}, "status": "pending"})
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
    has(template, body)
    assert call("GetJWTTemplate", template["id"]) == template
    assert rows(call("ListJWTTemplates", query={"limit": 1, "offset": 0})) == [template]
    assert rows(call("ListJWTTemplates", query={"paginated": True})) == [template]
    changes = {**body, "name": "grafbase", "claims": {}, "lifetime": 60, "allowed_clock_skew": 5}
    changed = call("UpdateJWTTemplate", template["id"], body={**changes, "signing_key": "t" * 32})
    has(changed, changes)
    gone = call("DeleteJWTTemplate", template["id"])
    has(gone, {"id": template["id"], "deleted": True})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Sessions": sessions,
    "JWKS": jwks,
    "Clients": clients,
    "Actor Tokens": actor_tokens,
    "Sign-in Tokens": sign_in_tokens,
    "Testing Tokens": testing_tokens,
    "JWT Templates": jwt_templates,
}
