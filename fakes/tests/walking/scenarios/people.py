"""Users: who they are, how they stand, what they prove it with."""

from collections.abc import Mapping
from typing import Any, Final

from walking.callers import Caller, File
from walking.scenarios.accounts import accounts, belongings
from walking.scenarios.billing import credit
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["PIXEL", "SCENARIOS"]

PASSWORD: Final = "Correct!9horse-battery"
DIGEST: Final = "$2b$04$abcdefghijklmnopqrstuuvxo81GAwBGcCq0uPCBovYUh0qYsmh1C"
PIXEL: Final = File(
    "pixel.png",
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c63"
        "f8cfc0f01f00050001ff89990d1d0000000049454e44ae426082"
    ),
    "image/png",
)
"""The smallest picture."""

SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LONG_AGO: Final = "2012-10-20T07:15:20.902Z"
LONG_AGO_MS: Final = 1350717320902


def users(call: Caller) -> None:
    user = call(
        "CreateUser",
        body={
            "external_id": "e1",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "locale": "en-GB",
            "email_address": ["ada@example.com"],
            "email_address_identification_status": ["verified"],
            "phone_number": ["+15555550100"],
            "phone_number_identification_status": ["verified"],
            "web3_wallet": ["0x" + "a1" * 20],
            "username": "ada_lovelace",
            "password": PASSWORD,
            "skip_password_checks": True,
            "skip_password_requirement": False,
            "totp_secret": SECRET,
            "backup_codes": ["abcd-1234"],
            "public_metadata": {"plan": "x"},
            "private_metadata": {"note": "y"},
            "unsafe_metadata": {"hint": "z"},
            "delete_self_enabled": True,
            "legal_accepted_at": LONG_AGO,
            "skip_legal_checks": False,
            "skip_user_requirement": False,
            "create_organization_enabled": True,
            "create_organizations_limit": 3,
            "created_at": LONG_AGO,
            "bypass_client_trust": True,
            "banned": False,
            "locked": False,
        },
    )
    has(
        user,
        {
            "external_id": "e1",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "locale": "en-GB",
            "username": "ada_lovelace",
            "password_enabled": True,
            "totp_enabled": True,
            "backup_code_enabled": True,
            "two_factor_enabled": True,
            "public_metadata": {"plan": "x"},
            "private_metadata": {"note": "y"},
            "unsafe_metadata": {"hint": "z"},
            "created_at": LONG_AGO_MS,
            "legal_accepted_at": LONG_AGO_MS,
            "create_organizations_limit": 3,
        },
    )
    assert [email["email_address"] for email in user["email_addresses"]] == ["ada@example.com"]
    assert [phone["phone_number"] for phone in user["phone_numbers"]] == ["+15555550100"]
    assert [wallet["web3_wallet"] for wallet in user["web3_wallets"]] == ["0x" + "a1" * 20]
    assert call("GetUser", user["id"]) == user
    _find_user(call, user)
    digested = call(
        "CreateUser",
        body={
            "username": "grace_hopper",
            "password_digest": DIGEST,
            "password_hasher": "bcrypt",
        },
    )
    _page_users(call, user)
    _change_user(call, user["id"])
    _stand(call, user["id"], digested["id"])
    _factors(call, user["id"])
    _accounts(call, user["id"])
    credit(call, "User", user["id"])
    accounts(call, user["id"])
    belongings(call, user)
    has(call("DeleteUser", user["id"]), {"id": user["id"], "deleted": True})


def _find_user(call: Caller, user: Mapping[str, Any]) -> None:
    found = {
        "email_address": ["ada@example.com"],
        "phone_number": ["+15555550100"],
        "external_id": ["e1"],
        "username": ["ada_lovelace"],
        "web3_wallet": ["0x" + "a1" * 20],
        "user_id": [user["id"]],
        "query": "ada",
        "email_address_query": "ada@",
        "phone_number_query": "555",
        "username_query": "ada_",
        "name_query": "Love",
        "banned": False,
        "created_at_before": 1_400_000_000_000,
        "created_at_after": 1_300_000_000_000,
    }
    for name, value in found.items():
        assert rows(call("GetUserList", query={name: value})) == [user], name
        has(call("GetUsersCount", query={name: value}), {"total_count": 1})
    nobody = {
        "organization_id": ["org_nobody"],
        "last_active_at_before": 1,
        "last_active_at_after": 9_000_000_000_000,
        "last_active_at_since": 9_000_000_000_000,
        "last_sign_in_at_before": 1,
        "last_sign_in_at_after": 9_000_000_000_000,
        "provider": "oauth_google",
    }
    for name, value in nobody.items():
        query = {name: value}
        if name == "provider":
            query["provider_user_id"] = ["g1"]
        assert rows(call("GetUserList", query=query)) == [], name
        has(call("GetUsersCount", query=query), {"total_count": 0})


def _page_users(call: Caller, user: Mapping[str, Any]) -> None:
    newest_first = {"order_by": "-created_at"}
    page = call("GetUserList", query={**newest_first, "limit": 1, "offset": 1})
    assert rows(page) == [user]
    (first,) = rows(call("GetUserList", query={**newest_first, "limit": 1}))
    after = call("GetUserList", query={**newest_first, "starting_after": first["id"]})
    assert rows(after)[-1:] == [user]  # the Python client cannot say after whom


def _change_user(call: Caller, user_id: str) -> None:
    body = {
        "external_id": "e2",
        "first_name": "Augusta",
        "last_name": "King",
        "locale": "fr-FR",
        "username": "augusta_king",
        "delete_self_enabled": False,
        "create_organization_enabled": False,
        "create_organizations_limit": 5,
    }
    user = call("GetUser", user_id)
    changed = call(
        "UpdateUser",
        user_id,
        body={
            **body,
            "primary_email_address_id": user["primary_email_address_id"],
            "notify_primary_email_address_changed": False,
            "primary_phone_number_id": user["primary_phone_number_id"],
            "primary_web3_wallet_id": user["primary_web3_wallet_id"],
            "password": PASSWORD + "2",
            "skip_password_checks": True,
            "sign_out_of_other_sessions": True,
            "totp_secret": SECRET,
            "backup_codes": ["efgh-5678"],
            "legal_accepted_at": LONG_AGO,
            "skip_legal_checks": False,
            "created_at": LONG_AGO,
            "bypass_client_trust": False,
        },
    )
    has(changed, body)
    assert call("GetUser", user_id) == changed
    digested = {"password_digest": DIGEST, "password_hasher": "bcrypt"}
    has(call("UpdateUser", user_id, body=digested), {"password_enabled": True})
    merged = call(
        "UpdateUserMetadata",
        user_id,
        body={
            "public_metadata": {"more": "a"},
            "private_metadata": {"note": None},
            "unsafe_metadata": {"hint": "b"},
        },
    )
    has(
        merged,
        {
            "public_metadata": {"plan": "x", "more": "a"},
            "private_metadata": {},
            "unsafe_metadata": {"hint": "b"},
        },
    )
    whole = {
        "public_metadata": {"only": "p"},
        "private_metadata": {"only": "q"},
        "unsafe_metadata": {"only": "r"},
    }
    has(call("ReplaceUserMetadata", user_id, body=whole), whole)
    pictured = call("SetUserProfileImage", user_id, file=PIXEL)
    has(pictured, {"has_image": True})
    image_id = pictured["image_url"].rpartition("/")[2]
    again = call("UpdateUser", user_id, body={"profile_image_id": image_id})
    has(again, {"image_url": pictured["image_url"]})
    has(call("DeleteUserProfileImage", user_id), {"has_image": False})


def _stand(call: Caller, user_id: str, other_id: str) -> None:
    has(call("BanUser", user_id), {"banned": True})
    has(call("UnbanUser", user_id), {"banned": False})
    banned = call("UsersBan", body={"user_ids": [user_id, other_id]})
    assert [user["banned"] for user in banned] == [True, True]
    unbanned = call("UsersUnban", body={"user_ids": [user_id, other_id]})
    assert [user["banned"] for user in unbanned] == [False, False]
    has(call("LockUser", user_id), {"locked": True})
    has(call("UnlockUser", user_id), {"locked": False})


def _factors(call: Caller, user_id: str) -> None:
    call("UpdateUser", user_id, body={"password": PASSWORD})
    has(call("VerifyPassword", user_id, body={"password": PASSWORD}), {"verified": True})
    compromised = call("SetUserPasswordCompromised", user_id, body={"revoke_all_sessions": True})
    has(compromised, {"id": user_id})
    has(call("UnsetUserPasswordCompromised", user_id), {"id": user_id})
    removed = call("RemoveUserPassword", user_id, body={"sign_out_of_other_sessions": True})
    has(removed, {"password_enabled": False})
    call("UpdateUser", user_id, body={"totp_secret": SECRET, "backup_codes": ["ijkl-9012"]})
    has(call("VerifyTOTP", user_id, body={"code": "ijkl-9012"}), {"verified": True})
    has(call("DeleteBackupCode", user_id), {"user_id": user_id})
    has(call("DeleteTOTP", user_id), {"user_id": user_id})
    has(call("DisableMFA", user_id), {"user_id": user_id})


def _accounts(call: Caller, user_id: str) -> None:
    google = {"provider": "oauth_google", "provider_user_id": "g1", "token": "t1"}
    account = call.prepare(
        "POST",
        f"/users/{user_id}/external_accounts",
        {**google, "email_address": "ada@gmail.example"},
    )
    for query in ({"limit": 1, "offset": 0}, {"paginated": False}):
        (token,) = rows(call("GetOAuthAccessToken", user_id, "oauth_google", query=query))
        has(token, {"token": "t1", "external_account_id": account["id"]})
    has(call("DeleteExternalAccount", user_id, account["id"]), {"deleted": True})
    wallet = call.prepare(
        "POST", f"/users/{user_id}/web3_wallets", {"web3_wallet": "0x" + "b2" * 20}
    )
    has(call("UserWeb3WalletDelete", user_id, wallet["id"]), {"deleted": True})
    passkey = call.prepare("POST", f"/users/{user_id}/passkeys", {"name": "Laptop"})
    has(call("UserPasskeyDelete", user_id, passkey["id"]), {"deleted": True})
    device = call.prepare("POST", f"/users/{user_id}/trusted_devices", {"name": "Phone"})
    assert rows(call("ListUserTrustedDevices", user_id)) == [device]
    has(call("RevokeUserTrustedDevice", user_id, device["id"]), {"status": "revoked"})


SCENARIOS: Final[Mapping[str, Scenario]] = {"Users": users}
