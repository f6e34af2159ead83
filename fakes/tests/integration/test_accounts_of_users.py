from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models

GOOGLE = {
    "provider": "oauth_google",
    "provider_user_id": "g1",
    "email_address": "Ada@Gmail.example",
    "token": "t1",
}
WALLET = "0x" + "A1" * 20


# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"])


def plant(control: httpx.Client, user: models.User, noun: str, **body: object) -> dict[str, object]:
    answer = control.post(f"/users/{user.id}/{noun}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_an_external_account_is_shown_with_its_user_and_linked_to_its_address(
    clerk: Clerk, control: httpx.Client, bapi: httpx.Client, user: models.User
) -> None:
    account = plant(control, user, "external_accounts", **GOOGLE, label="work")

    shown = bapi.get(f"/users/{user.id}").json()
    assert shown["external_accounts"] == [account]
    assert account["verification"]["object"] == "verification_oauth"
    linked = shown["email_addresses"][1]
    assert linked["email_address"] == "ada@gmail.example"
    assert linked["verification"]["strategy"] == "from_oauth_google"
    assert linked["linked_to"] == [{"type": "oauth_google", "id": account["identification_id"]}]
    (fetched,) = clerk.users.get(user_id=user.id).external_accounts
    assert (fetched.id, fetched.provider, fetched.label) == (account["id"], "oauth_google", "work")


def test_an_address_of_a_connected_account_goes_only_after_the_account(
    clerk: Clerk, control: httpx.Client, bapi: httpx.Client, user: models.User
) -> None:
    account = plant(control, user, "external_accounts", **GOOGLE)
    email = clerk.users.get(user_id=user.id).email_addresses[1]

    deleted = bapi.delete(f"/email_addresses/{email.id}")
    replaced = bapi.put(f"/users/{user.id}/email_address", json={"email_address": "b@example.com"})

    wanted = (400, "delete_linked_identification_disallowed")
    assert (refusal(deleted), refusal(replaced)) == (wanted, wanted)
    gone = clerk.users.delete_external_account(user_id=user.id, external_account_id=account["id"])
    assert gone.deleted
    assert bapi.delete(f"/email_addresses/{email.id}").is_success


def test_users_are_found_by_their_external_accounts(
    control: httpx.Client, bapi: httpx.Client, user: models.User, clerk: Clerk
) -> None:
    plant(control, user, "external_accounts", **GOOGLE)
    clerk.users.create(username="grace")

    def found(**query: object) -> list[str]:
        answer = bapi.get("/users", params=query).raise_for_status()
        assert bapi.get("/users/count", params=query).json()["total_count"] == len(answer.json())
        return [each["id"] for each in answer.json()]

    assert found(provider="oauth_google", provider_user_id=["g0", "g1"]) == [user.id]
    assert found(provider="oauth_github", provider_user_id=["g1"]) == []
    for query in ({"provider": "oauth_google"}, {"provider_user_id": "g1"}):
        answer = bapi.get("/users", params=query)
        assert refusal(answer) == (422, "form_conditional_param_missing")


def test_an_account_belongs_to_one_user(
    control: httpx.Client, user: models.User, clerk: Clerk
) -> None:
    plant(control, user, "external_accounts", **GOOGLE)
    other = clerk.users.create(username="grace")
    path = f"/users/{other.id}/external_accounts"

    same = control.post(path, json=GOOGLE)
    same_address = control.post(path, json={**GOOGLE, "provider_user_id": "g2"})
    odd = control.post(path, json={**GOOGLE, "provider": "google"})

    assert refusal(same) == (422, "form_identifier_exists")
    assert refusal(same_address) == (400, "oauth_identification_claimed")
    assert refusal(odd) == (422, "form_param_format_invalid")


def test_access_tokens_are_given_and_an_expired_one_is_refreshed(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})
    plant(
        control,
        user,
        "external_accounts",
        **GOOGLE,
        token_expires_at=1_700_000_010_000,
        refresh_token="r1",
        id_token="i1",
        approved_scopes="email calendar",
    )

    def tokens() -> list[Any]:
        return clerk.users.get_o_auth_access_token(user_id=user.id, provider="oauth_google")

    (fresh,) = tokens()
    assert (fresh.token, fresh.scopes, fresh.id_token) == ("t1", ["email", "calendar"], "i1")
    events = len(control.get("/messages").json()["data"])
    control.post("/clock/advance", json={"seconds": 10})
    (refreshed,) = tokens()
    assert refreshed.token != "t1"
    assert refreshed.expires_at == 1_700_000_010_000 + 3_600_000
    assert tokens() == [refreshed]
    assert len(control.get("/messages").json()["data"]) == events


def test_a_token_that_is_not_there_is_said_to_be_so(
    bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    plant(control, user, "external_accounts", **{**GOOGLE, "token": None})
    plant(
        control,
        user,
        "external_accounts",
        provider="oauth_github",
        provider_user_id="h1",
        email_address="ada@github.example",
        token="t2",
        token_expires_at=1,
    )
    path = f"/users/{user.id}/oauth_access_tokens"

    assert refusal(bapi.get(f"{path}/oauth_google")) == (422, "oauth_missing_access_token")
    assert refusal(bapi.get(f"{path}/oauth_github")) == (422, "oauth_missing_refresh_token")
    assert refusal(bapi.get(f"{path}/oauth_1")) == (400, "oauth_unsupported_provider")
    assert bapi.get(f"{path}/oauth_slack").json() == []


def test_an_account_brings_its_user_a_first_address_and_goes_once(
    bapi: httpx.Client, control: httpx.Client, clerk: Clerk
) -> None:
    user = clerk.users.create(skip_user_requirement=True)
    account = plant(control, user, "external_accounts", **GOOGLE)
    shown = bapi.get(f"/users/{user.id}").json()
    assert shown["primary_email_address_id"] == shown["email_addresses"][0]["id"]

    path = f"/users/{user.id}/external_accounts"
    assert bapi.delete(f"{path}/{account['id']}").is_success
    assert refusal(bapi.delete(f"{path}/{account['id']}")) == (404, "external_account_not_found")


def test_an_enterprise_account_is_shown_and_a_saml_one_twice(
    control: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    saml = plant(
        control, user, "enterprise_accounts", provider="saml_okta", email_address="a@corp.example"
    )
    oauth = plant(
        control,
        user,
        "enterprise_accounts",
        provider="oauth_custom_corp",
        protocol="oauth",
        email_address="a@corp.example",
        provider_user_id="c1",
    )

    shown = clerk.users.get(user_id=user.id)
    assert [account.id for account in shown.enterprise_accounts] == [saml["id"], oauth["id"]]
    assert [account.id for account in shown.saml_accounts] == [saml["id"]]


def test_a_passkey_is_deleted_and_its_user_told_by_email(
    control: httpx.Client, clerk: Clerk, bapi: httpx.Client, user: models.User
) -> None:
    passkey = plant(control, user, "passkeys", name="Laptop")
    assert [each.name for each in clerk.users.get(user_id=user.id).passkeys] == ["Laptop"]

    deleted = clerk.users.delete_passkey(user_id=user.id, passkey_identification_id=passkey["id"])

    assert (deleted.id, deleted.deleted) == (passkey["id"], True)
    assert clerk.users.get(user_id=user.id).passkeys == []
    (told,) = control.get("/mailbox", params={"slug": "passkey_removed"}).json()["data"]
    assert told["to_email_address"] == "ada@example.com"
    again = bapi.delete(f"/users/{user.id}/passkeys/{passkey['id']}")
    assert refusal(again) == (404, "passkey_not_registered")


def test_wallets_come_with_the_user_or_later_and_one_is_the_primary_one(
    control: httpx.Client, clerk: Clerk, bapi: httpx.Client
) -> None:
    user = clerk.users.create(web3_wallet=[WALLET], email_address=["ada@example.com"])
    second = plant(control, user, "web3_wallets", web3_wallet="0x" + "b2" * 20)
    assert second["verification"]["object"] == "verification_web3"

    moved = clerk.users.update(user_id=user.id, primary_web3_wallet_id=second["id"])
    assert moved.web3_wallets[0].web3_wallet == WALLET.lower()
    assert moved.primary_web3_wallet_id == second["id"]
    assert [each.id for each in clerk.users.list(request={"web3_wallet": [WALLET]})] == [user.id]
    assert [each["id"] for each in bapi.get("/users", params={"query": "b2b2"}).json()] == [user.id]
    deleted = clerk.users.delete_web3_wallet(
        user_id=user.id, web3_wallet_identification_id=second["id"]
    )
    assert deleted.deleted
    assert clerk.users.get(user_id=user.id).primary_web3_wallet_id == user.web3_wallets[0].id


def test_a_wallet_belongs_to_one_user(bapi: httpx.Client, clerk: Clerk, user: models.User) -> None:
    owner = clerk.users.create(web3_wallet=[WALLET], username="grace")
    wallet_id = owner.web3_wallets[0].id

    taken = bapi.post("/users", json={"web3_wallet": [WALLET.lower()]})
    foreign = bapi.delete(f"/users/{user.id}/web3_wallets/{wallet_id}")

    assert refusal(taken) == (422, "form_identifier_exists")
    assert refusal(foreign) == (404, "resource_not_found")


def test_trusted_devices_are_listed_until_they_are_revoked(
    control: httpx.Client, clerk: Clerk, bapi: httpx.Client, user: models.User
) -> None:
    first = plant(control, user, "trusted_devices", name="Phone")
    second = plant(control, user, "trusted_devices", platform="android")

    listed = clerk.users.list_trusted_devices(user_id=user.id)
    assert [device.id for device in listed.data] == [second["id"], first["id"]]
    revoked = clerk.users.revoke_trusted_device(user_id=user.id, trusted_device_id=first["id"])
    assert revoked.status == "revoked"
    assert revoked.revoked_at is not None
    assert clerk.users.list_trusted_devices(user_id=user.id).total_count == 1
    again = bapi.delete(f"/users/{user.id}/trusted_devices/{first['id']}")
    assert refusal(again) == (404, "resource_not_found")


def test_the_code_of_an_authenticator_app_can_be_asked_for(
    control: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    assert control.get(f"/users/{user.id}/totp").status_code == 404
    clerk.users.update(user_id=user.id, totp_secret="JBSWY3DPEHPK3PXP")

    shown = control.get(f"/users/{user.id}/totp").json()

    assert clerk.users.verify_totp(user_id=user.id, code=shown["code"]).verified


def test_everything_of_a_user_is_gone_with_them(
    control: httpx.Client, clerk: Clerk, bapi: httpx.Client, user: models.User
) -> None:
    plant(control, user, "external_accounts", **GOOGLE)
    plant(control, user, "trusted_devices")
    bapi.post(f"/email_addresses/{user.email_addresses[0].id}/prepare_verification")

    clerk.users.delete(user_id=user.id)

    state = control.get("/snapshot").json()["state"]
    assert state["users"] == state["trusted_devices"] == state["verifications"] == []
    assert clerk.users.create(email_address=["ada@gmail.example"])
