"""Machines, their keys, OAuth applications and agents."""

from collections.abc import Mapping
from typing import Final

from walking.callers import Caller
from walking.scenarios.people import PIXEL
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS"]


def machines(call: Caller) -> None:
    press = call("CreateMachine", body={"name": "press"})
    body = {"name": "mill", "default_token_ttl": 600}
    mill = call("CreateMachine", body={**body, "scoped_machines": [press["id"]]})
    has(mill, body)
    assert [scoped["id"] for scoped in mill["scoped_machines"]] == [press["id"]]
    has(call("GetMachine", mill["id"]), {"id": mill["id"], **body})
    query = {"limit": 1, "offset": 0, "query": "mill", "order_by": "-created_at"}
    assert [row["id"] for row in rows(call("ListMachines", query=query))] == [mill["id"]]
    changes = {"name": "windmill", "default_token_ttl": 60}
    has(call("UpdateMachine", mill["id"], body=changes), changes)
    assert call("GetMachineSecretKey", mill["id"])["secret"] == mill["secret_key"]
    rotated = call("RotateMachineSecretKey", mill["id"], body={"previous_token_ttl": 0})
    assert rotated["secret"] != mill["secret_key"]
    scope = call("CreateMachineScope", press["id"], body={"to_machine_id": mill["id"]})
    has(scope, {"from_machine_id": press["id"], "to_machine_id": mill["id"]})
    gone = call("DeleteMachineScope", press["id"], mill["id"])
    has(gone, {"from_machine_id": press["id"], "to_machine_id": mill["id"], "deleted": True})
    has(call("DeleteMachine", mill["id"]), {"id": mill["id"], "deleted": True})


def m2m_tokens(call: Caller) -> None:
    press = call("CreateMachine", body={"name": "press"})
    mill = call("CreateMachine", body={"name": "mill", "scoped_machines": [press["id"]]})
    token = call(
        "createM2MToken",
        key=mill["secret_key"],
        body={
            "token_format": "opaque",
            "seconds_until_expiration": 600,
            "claims": {"a": "b"},
            "min_remaining_ttl_seconds": 1,
        },
    )
    has(token, {"subject": mill["id"], "claims": {"a": "b"}, "revoked": False})
    query = {
        "subject": mill["id"],
        "revoked": False,
        "expired": False,
        "limit": 1,
        "offset": 0,
    }
    found = rows(call("getM2MTokens", query=query))
    assert [row["id"] for row in found] == [token["id"]]
    verified = call("verifyM2MToken", body={"token": token["token"]}, key=press["secret_key"])
    has(verified, {"id": token["id"], "subject": mill["id"]})
    revoked = call("revokeM2MToken", token["id"], body={"revocation_reason": "lost"})
    has(revoked, {"id": token["id"], "revoked": True, "revocation_reason": "lost"})


def api_keys(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    body = {
        "name": "mill",
        "description": "Of the mill",
        "subject": user["id"],
        "claims": {"a": "b"},
        "scopes": ["read"],
        "created_by": user["id"],
    }
    key = call("createApiKey", body={**body, "type": "api_key", "seconds_until_expiration": 600})
    has(key, body)
    has(call("getApiKey", key["id"]), {"id": key["id"], **body})
    query = {
        "type": "api_key",
        "subject": user["id"],
        "include_invalid": "false",
        "limit": 1,
        "offset": 0,
        "query": "mill",
    }
    assert [row["id"] for row in rows(call("getApiKeys", query=query))] == [key["id"]]
    changes = {"claims": {"c": "d"}, "scopes": ["write"], "description": "Else"}
    changed = call(
        "updateApiKey",
        key["id"],
        body={**changes, "subject": user["id"], "seconds_until_expiration": 60},
    )
    has(changed, changes)
    secret = call("getApiKeySecret", key["id"])["secret"]
    assert secret == key["secret"]
    has(call("verifyApiKey", body={"secret": secret}), {"id": key["id"]})
    revoked = call("revokeApiKey", key["id"], body={"revocation_reason": "lost"})
    has(revoked, {"id": key["id"], "revoked": True, "revocation_reason": "lost"})
    has(call("deleteApiKey", key["id"]), {"id": key["id"], "deleted": True})


def oauth_applications(call: Caller) -> None:
    body = {
        "name": "Mill",
        "redirect_uris": ["https://mill.example/callback"],
        "scopes": "profile email",
        "consent_screen_enabled": True,
        "pkce_required": False,
        "public": False,
    }
    application = call(
        "CreateOAuthApplication",
        body={**body, "callback_url": "https://mill.example/callback"},
    )
    has(application, body)
    assert application["client_secret"]
    has(call("GetOAuthApplication", application["id"]), {"id": application["id"], **body})
    query = {"limit": 1, "offset": 0, "order_by": "-created_at", "name_query": "mil"}
    found = rows(call("ListOAuthApplications", query=query))
    assert [row["id"] for row in found] == [application["id"]]
    changes = {
        "name": "Windmill",
        "redirect_uris": ["https://windmill.example/callback"],
        "scopes": "profile",
        "consent_screen_enabled": True,
        "pkce_required": True,
        "public": True,
    }
    changed = call(
        "UpdateOAuthApplication",
        application["id"],
        body={**changes, "callback_url": "https://windmill.example/callback"},
    )
    has(changed, changes)
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    call(
        "UploadOAuthApplicationLogo",
        application["id"],
        body={"uploader_user_id": user["id"]},
        file=PIXEL,
    )
    call("UpdateOAuthApplication", application["id"], body={"public": False})
    rotated = call("RotateOAuthApplicationSecret", application["id"])
    assert rotated["client_secret"] != application["client_secret"]
    grant = {"oauth_application_id": application["id"], "user_id": user["id"]}
    token = call.prepare("POST", "/oauth_tokens", {**grant, "token_format": "opaque"})
    shown = {"token": token["access_token"]}
    assert call("RevokeOAuthApplicationToken", application["id"], body=shown) is None
    gone = call("DeleteOAuthApplication", application["id"])
    has(gone, {"id": application["id"], "deleted": True})


def oauth_access_tokens(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    application = call("CreateOAuthApplication", body={"name": "Mill"})
    grant = {"oauth_application_id": application["id"], "user_id": user["id"]}
    for form in ("opaque", "jwt"):
        made = call.prepare("POST", "/oauth_tokens", {**grant, "token_format": form})
        for name in ("access_token", "secret"):
            seen = call("verifyOAuthAccessToken", body={name: made["access_token"]})
            has(seen, {"id": made["id"], "subject": user["id"], "revoked": False})


def agent_tasks(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    body = {
        "permissions": "*",
        "agent_name": "miller",
        "task_description": "Mill it",
        "redirect_url": "https://mill.example/done",
        "session_max_duration_in_seconds": 600,
    }
    task = call("CreateAgentTask", body={"on_behalf_of": {"user_id": user["id"]}, **body})
    assert task["url"]
    revoked = call("RevokeAgentTask", task["agent_task_id"])
    has(revoked, {"agent_task_id": task["agent_task_id"], "agent_id": task["agent_id"]})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Machines": machines,
    "M2M Tokens": m2m_tokens,
    "API Keys": api_keys,
    "OAuth Applications": oauth_applications,
    "OAuth Access Tokens": oauth_access_tokens,
    "Agent Tasks": agent_tasks,
}
