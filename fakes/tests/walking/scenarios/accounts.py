"""What users have elsewhere: at providers, on devices, in organizations."""

from collections.abc import Mapping
from typing import Any

from walking.callers import Caller
from walking.scenarios.scenario import has, rows

__all__ = ["accounts", "belongings"]


def accounts(call: Caller, user_id: str) -> None:
    """Walk over what only a front end or a provider gives, so it is planted."""
    planted = f"/users/{user_id}"
    account = call.prepare(
        "POST",
        f"{planted}/external_accounts",
        {
            "provider": "oauth_google",
            "email_address": "ada@example.com",
            "provider_user_id": "g1",
            "token": "ya29.token",
        },
    )
    for query in ({"limit": 1, "offset": 0}, {"paginated": True}):
        tokens = rows(call("GetOAuthAccessToken", user_id, "oauth_google", query=query))
        assert [token["token"] for token in tokens] == ["ya29.token"]
    gone = call("DeleteExternalAccount", user_id, account["id"])
    has(gone, {"id": account["id"], "deleted": True})
    passkey = call.prepare("POST", f"{planted}/passkeys", {"name": "Phone"})
    gone = call("UserPasskeyDelete", user_id, passkey["id"])
    has(gone, {"id": passkey["id"], "deleted": True})
    device = call.prepare(
        "POST",
        f"{planted}/trusted_devices",
        {"platform": "ios", "app_identifier": "com.example.app", "name": "Phone"},
    )
    assert [row["id"] for row in rows(call("ListUserTrustedDevices", user_id))] == [device["id"]]
    revoked = call("RevokeUserTrustedDevice", user_id, device["id"])
    has(revoked, {"id": device["id"], "status": "revoked"})


def belongings(call: Caller, user: Mapping[str, Any]) -> None:
    """Walk over the wallet of a user, and the organizations that there are for one."""
    wallet_id = user["web3_wallets"][0]["id"]
    gone = call("UserWeb3WalletDelete", user["id"], wallet_id)
    has(gone, {"id": wallet_id, "deleted": True})
    own = call("CreateOrganization", body={"name": "Own", "created_by": user["id"]})
    page = {"limit": 1, "offset": 0}
    memberships = rows(call("UsersGetOrganizationMemberships", user["id"], query=page))
    assert [row["organization"]["id"] for row in memberships] == [own["id"]]
    other = call("CreateOrganization", body={"name": "Other"})
    call(
        "CreateOrganizationInvitation",
        other["id"],
        body={"email_address": "ada@example.com", "role": "org:member"},
    )
    query = {**page, "status": "pending"}
    invitations = rows(call("UsersGetOrganizationInvitations", user["id"], query=query))
    assert [row["organization_id"] for row in invitations] == [other["id"]]
