"""``GET /organizations/{id}/members`` and the operator's lists: who sees what, page by page."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from minting import key_set, mint_token, new_key

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}
LISTS = ("/organizations", "/memberships", "/roles", "/invitations", "/sessions/closed")

Mint = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return new_key()


@pytest.fixture
def mint(clerk_double: Any, key: rsa.RSAPrivateKey) -> Mint:
    clerk_double.jwks = key_set(key)
    return lambda user: {"Authorization": f"Bearer {mint_token(key, sub=user)}"}


async def ask(service: Any, path: str, headers: dict[str, str]) -> tuple[int, str]:
    answer = await service.http.get(path, headers=headers)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


async def test_a_member_sees_the_members_with_their_roles_and_without_secrets(
    service: Any, mint: Mint
) -> None:
    await service.process("user.created", "user_2", image_url="https://img.example.com/2")
    await service.process("organizationMembership.created", "orgmem_1_2")
    await service.process("organizationMembership.created", "orgmem_1_3", role="org:admin")
    answer = await service.http.get("/organizations/org_1/members", headers=mint("user_2"))
    first, second = answer.json()["data"]
    assert first == {
        "membership_id": "orgmem_1_2",
        "user_id": "user_2",
        "role": "org:member",
        "role_name": "Member",
        "permissions": ["org:sys_memberships:read"],
        "public_metadata": {"seat": "orgmem_1_2"},
        "first_name": "Version 1000",
        "last_name": None,
        "username": None,
        "image_url": "https://img.example.com/2",
        "clerk_created_at": 1000,
        "clerk_updated_at": 1000,
    }
    # This one's user was not synced yet, and is a member all the same.
    assert (second["user_id"], second["role"], second["first_name"]) == (
        "user_3",
        "org:admin",
        None,
    )
    whole = await service.http.get("/organizations/org_1/members", headers=OPERATOR)
    assert "salary" not in answer.text + whole.text


async def test_whoever_is_no_member_learns_nothing_of_an_organization(
    service: Any, mint: Mint
) -> None:
    for user in ("user_2", "user_4"):
        await service.process("user.created", user)
    await service.process("organization.created", "org_1")
    await service.process("organizationMembership.created", "orgmem_1_2")
    await service.process("organizationMembership.created", "orgmem_1_4")
    await service.process("organizationMembership.deleted", "orgmem_1_4", 2000)
    await service.process("organizationMembership.created", "orgmem_3_2")
    await service.process("organization.deleted", "org_3")
    refused = (403, "not_a_member")
    assert await ask(service, "/organizations/org_1/members", mint("user_4")) == refused
    assert await ask(service, "/organizations/org_2/members", mint("user_2")) == refused
    assert await ask(service, "/organizations/org_3/members", mint("user_2")) == refused
    assert await ask(service, "/organizations/org_1/members", mint("user_2")) == (200, "")


async def test_the_operator_sees_members_and_is_told_of_no_organization(service: Any) -> None:
    await service.process("organization.created", "org_1")
    missing = (404, "organization_not_synced")
    assert await ask(service, "/organizations/org_1/members", OPERATOR) == (200, "")
    assert await ask(service, "/organizations/org_2/members", OPERATOR) == missing
    assert await ask(service, "/organizations/org_2", OPERATOR) == missing


async def test_a_banned_or_deleted_member_sees_nobody(service: Any, mint: Mint) -> None:
    path = "/organizations/org_1/members"
    await service.process("user.created", "user_2", banned=True)
    await service.process("organizationMembership.created", "orgmem_1_2")
    assert await ask(service, path, mint("user_2")) == (403, "user_banned")
    await service.process("user.deleted", "user_2")
    assert await ask(service, path, mint("user_2")) == (403, "user_deleted")


async def test_members_come_page_by_page_each_once(service: Any) -> None:
    for user in range(1, 6):
        await service.process("organizationMembership.created", f"orgmem_1_{user}")
    await service.process("organizationMembership.deleted", "orgmem_1_3", 2000)
    seen, path = [], "/organizations/org_1/members?limit=2"
    following: int | None = 0
    while following is not None:
        found = await service.get(f"{path}&after={following}")
        seen.extend(member["user_id"] for member in found["data"])
        following = found["next"]
    assert seen == ["user_1", "user_2", "user_4", "user_5"]


async def test_users_read_their_own_record_by_id_and_nobody_elses(service: Any, mint: Mint) -> None:
    for user in ("user_2", "user_3"):
        await service.process("user.created", user, private_metadata={"risk": 9})
    own = await service.http.get("/users/user_2", headers=mint("user_2"))
    assert own.status_code == 200
    assert own.json()["clerk_id"] == "user_2"
    assert "private_metadata" not in own.json()
    for other in ("user_3", "user_4"):
        assert await ask(service, f"/users/{other}", mint("user_2")) == (403, "not_your_record")
    assert (await service.user("user_3"))["private_metadata"] == {"risk": 9}


@pytest.mark.parametrize("path", [*LISTS, "/organizations/org_1"])
async def test_lists_are_the_operators(service: Any, mint: Mint, path: str) -> None:
    await service.process("user.created", "user_2")
    for headers in ({}, mint("user_2")):
        assert (await service.http.get(path, headers=headers)).status_code == 401
    assert (await service.http.get(path, headers=OPERATOR)).status_code in {200, 404}


@pytest.mark.parametrize("path", LISTS)
async def test_lists_come_page_by_page_each_record_once(service: Any, path: str) -> None:
    kind = {
        "/organizations": "organization.created",
        "/memberships": "organizationMembership.created",
        "/roles": "role.created",
        "/invitations": "organizationInvitation.created",
        "/sessions/closed": "session.ended",
    }[path]
    for number in range(5):
        await service.process(kind, f"x_1_{number}")
    seen: list[str] = []
    after: int | str | None = "" if path == "/sessions/closed" else 0
    while after is not None:
        found = await service.get(f"{path}?limit=2&after={after}")
        seen.extend(each.get("clerk_id") or each["session_id"] for each in found["data"])
        after = found["next"]
    assert seen == [f"x_1_{number}" for number in range(5)]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=-1", "after=many"])
async def test_a_page_that_there_cannot_be_is_refused(service: Any, query: str) -> None:
    answer = await service.http.get(f"/organizations/org_1/members?{query}", headers=OPERATOR)
    assert answer.status_code == 422
