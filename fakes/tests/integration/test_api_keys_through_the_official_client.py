import gc
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkBaseError, CreateAPIKeyResponseBody
from clerk_backend_api.security import VerifyTokenOptions, verify_token
from clerk_backend_api.security.types import TokenVerificationError
from conftest import InstanceInfo, ServerInfo

NOBODY = "user_000000000000000000000000000"


@pytest.fixture
def user_id(clerk: Clerk) -> str:
    user = clerk.users.create(email_address=["ada@example.com"])
    assert user is not None
    return user.id


def _key(clerk: Clerk, subject: str, name: str = "Mill", **more: Any) -> CreateAPIKeyResponseBody:
    return clerk.api_keys.create_api_key(name=name, subject=subject, **more)


def _opens(clerk: Clerk, *keys: CreateAPIKeyResponseBody) -> list[int]:
    found = []
    for key in keys:
        try:
            clerk.api_keys.verify_api_key(secret=key.secret)
            found.append(200)
        except ClerkBaseError as refusal:
            found.append(refusal.status_code)
    return found


def _listed(clerk: Clerk, subject: str, **query: Any) -> list[str]:
    return [key.name for key in clerk.api_keys.get_api_keys(subject=subject, **query).data]


def test_a_key_is_made_shown_changed_and_deleted(clerk: Clerk, user_id: str) -> None:
    made = _key(
        clerk,
        user_id,
        description="Of the mill",
        claims={"shift": 2},
        scopes=["read"],
        created_by=user_id,
    )

    assert made.secret.startswith("ak_")
    assert made.secret != made.id
    assert (made.type, made.subject, made.created_by) == ("api_key", user_id, user_id)
    assert (made.claims, made.scopes) == ({"shift": 2}, ["read"])
    assert (made.expiration, made.last_used_at) == (None, None)
    got = clerk.api_keys.get_api_key(api_key_id=made.id)
    assert {**got.model_dump(), "secret": made.secret} == made.model_dump()
    assert clerk.api_keys.get_api_key_secret(api_key_id=made.id).secret == made.secret
    changed = clerk.api_keys.update_api_key(
        api_key_id=made.id, claims=None, scopes=["write"], description=None
    )
    assert (changed.claims, changed.scopes, changed.description) == (None, ["write"], None)
    assert changed.subject == user_id
    assert changed.updated_at > made.updated_at
    assert clerk.api_keys.delete_api_key(api_key_id=made.id).id == made.id
    with pytest.raises(ClerkBaseError) as refusal:
        clerk.api_keys.get_api_key(api_key_id=made.id)
    assert refusal.value.status_code == 404
    assert _opens(clerk, made) == [404]


def test_a_key_proves_for_whom_it_stands_and_remembers_when(clerk: Clerk, user_id: str) -> None:
    made = _key(clerk, user_id, scopes=["read"])

    seen = clerk.api_keys.verify_api_key(secret=made.secret)

    assert (seen.id, seen.subject, seen.scopes) == (made.id, user_id, ["read"])
    assert seen.last_used_at is not None
    assert clerk.api_keys.get_api_key(api_key_id=made.id).last_used_at == seen.last_used_at


def test_a_revoked_key_opens_nothing(clerk: Clerk, user_id: str) -> None:
    lost, other = _key(clerk, user_id), _key(clerk, user_id)

    revoked = clerk.api_keys.revoke_api_key(api_key_id=lost.id, revocation_reason="lost")
    again = clerk.api_keys.revoke_api_key(api_key_id=lost.id, revocation_reason="found")

    assert (revoked.revoked, revoked.revocation_reason) == (True, "lost")
    assert again == revoked
    assert _opens(clerk, lost, other) == [404, 200]


def test_a_key_expires_on_the_instances_clock_unless_that_is_changed(
    clerk: Clerk, user_id: str, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    brief = _key(clerk, user_id, "Brief", seconds_until_expiration=60)
    longer = _key(clerk, user_id, "Longer", seconds_until_expiration=60)
    always = _key(clerk, user_id, "Always", seconds_until_expiration=60)
    clerk.api_keys.update_api_key(api_key_id=longer.id, seconds_until_expiration=120)
    clerk.api_keys.update_api_key(api_key_id=always.id, seconds_until_expiration=None)
    clerk.api_keys.update_api_key(api_key_id=brief.id, scopes=["a"])

    control.post("/clock/advance", json={"seconds": 59})
    assert _opens(clerk, brief, longer, always) == [200, 200, 200]
    control.post("/clock/advance", json={"seconds": 1})
    assert _opens(clerk, brief, longer, always) == [404, 200, 200]
    assert clerk.api_keys.get_api_key(api_key_id=brief.id).expired
    control.post("/clock/advance", json={"seconds": 60})
    assert _opens(clerk, brief, longer, always) == [404, 404, 200]


def test_keys_are_listed_by_subject(clerk: Clerk, user_id: str, control: httpx.Client) -> None:
    control.put("/clock", json={"frozen": True})
    for name in ("Mill", "Windmill", "Press"):
        _key(clerk, user_id, name)
    _key(clerk, NOBODY, "Else")
    _key(clerk, user_id, "Odd", type_="odd_key")
    _key(clerk, user_id, "Old", seconds_until_expiration=1)
    lost = _key(clerk, user_id, "Lost")
    clerk.api_keys.revoke_api_key(api_key_id=lost.id)
    control.post("/clock/advance", json={"seconds": 1})

    assert _listed(clerk, user_id) == ["Press", "Windmill", "Mill"]
    assert _listed(clerk, user_id, query="mill") == ["Windmill", "Mill"]
    assert _listed(clerk, user_id, query=lost.id, include_invalid="true") == ["Lost"]
    assert _listed(clerk, user_id, type_="odd_key") == ["Odd"]
    assert _listed(clerk, NOBODY) == ["Else"]
    everything = clerk.api_keys.get_api_keys(subject=user_id, include_invalid="true", limit=2)
    assert [key.name for key in everything.data] == ["Lost", "Old"]
    assert everything.total_count == 5


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?subject=ada",
        f"?subject={NOBODY}&include_invalid=maybe",
        f"?subject={NOBODY}&limit=101",
        f"?subject={NOBODY}&type=ab",
        f"?subject={NOBODY}é",
    ],
)
def test_a_senseless_list_is_a_bad_request(bapi: httpx.Client, query: str) -> None:
    assert bapi.get(f"/api_keys{query}").status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "ab"},
        {"name": " Mill"},
        {"name": "Mill\n"},
        {"subject": "ada"},
        {"subject": "scim_000000000000000000000000000"},
        {"type": "ab"},
        {"type": "a" * 26},
        {"description": "a" * 256},
        {"scopes": [1]},
        {"created_by": "org_000000000000000000000000000"},
        {"seconds_until_expiration": 0},
        {"seconds_until_expiration": "soon"},
        {"colour": "red"},
    ],
)
def test_a_senseless_key_is_a_bad_request(bapi: httpx.Client, change: dict[str, Any]) -> None:
    refusal = bapi.post("/api_keys", json={"name": "Mill", "subject": NOBODY, **change})

    assert refusal.status_code == 400
    assert refusal.json()["errors"][0]["code"] == "bad_request"
    assert bapi.get(f"/api_keys?subject={NOBODY}").json()["total_count"] == 0


def test_a_new_key_is_answered_with_the_status_that_each_version_wants(bapi: httpx.Client) -> None:
    body = {"name": "Mill", "subject": NOBODY}

    for version, status in (("2025-11-10", 201), ("2026-05-12", 200)):
        answer = bapi.post("/api_keys", json=body, headers={"clerk-api-version": version})
        assert answer.status_code == status


def test_an_id_that_cannot_be_a_keys_is_a_bad_request(bapi: httpx.Client) -> None:
    assert bapi.get("/api_keys/ak_1").status_code == 400
    assert bapi.get(f"/api_keys/ak_{'0' * 32}").status_code == 404


def test_the_keys_of_the_deleted_go_with_them(
    clerk: Clerk, user_id: str, control: httpx.Client
) -> None:
    organization = clerk.organizations.create(request={"name": "Acme", "created_by": user_id})
    machine = clerk.machines.create(request={"name": "Mill"})
    assert organization is not None
    assert machine is not None
    keys = [_key(clerk, subject) for subject in (organization.id, machine.id, user_id)]
    assert _opens(clerk, *keys) == [200, 200, 200]

    clerk.organizations.delete(organization_id=organization.id)
    assert _opens(clerk, *keys) == [404, 200, 200]
    clerk.machines.delete(machine_id=machine.id)
    assert _opens(clerk, *keys) == [404, 404, 200]
    clerk.users.delete(user_id=user_id)
    assert _opens(clerk, *keys) == [404, 404, 404]
    assert control.get("/snapshot").json()["state"]["api_keys"] == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the verifier's own connections
def test_the_official_verifier_asks_without_version(
    clerk: Clerk, user_id: str, server: ServerInfo, instance: InstanceInfo
) -> None:
    made = _key(clerk, user_id)
    options = VerifyTokenOptions(api_url=server.url, secret_key=instance.secret_key)

    assert verify_token(made.secret, options)["subject"] == user_id
    clerk.api_keys.revoke_api_key(api_key_id=made.id)
    with pytest.raises(TokenVerificationError):
        verify_token(made.secret, options)
    gc.collect()
