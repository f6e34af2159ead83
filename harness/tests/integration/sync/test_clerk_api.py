"""What is asked of Clerk: every answer that it may give, and those that it should not."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from clerk_harness.clerk import ClerkInstance
from clerk_sync.breaker import Breaker, BreakerState
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.errors import BreakerOpenError, ClerkApiError

pytestmark = pytest.mark.asyncio

RESET_S = 0.3


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with open_http() as opened:
        yield opened


def make_api(http: httpx.AsyncClient, clerk: ClerkInstance, **changed: Any) -> ClerkApi:
    breaker = Breaker(failures=3, reset_s=RESET_S)
    options = {
        "base_url": clerk.keys.api_url,
        "secret_key": clerk.keys.secret_key,
        "breaker": breaker,
    } | changed
    return ClerkApi(http, **options)


@pytest.fixture
def api(http: httpx.AsyncClient, clerk: ClerkInstance) -> ClerkApi:
    return make_api(http, clerk)


async def test_one_of_each_noun_is_got_and_nothing_is_none(
    api: ClerkApi, clerk: ClerkInstance
) -> None:
    user = clerk.users.create("ada@example.com")
    organization = clerk.organizations.create("Engines", created_by=user.id)
    guest = {"email_address": "guest@example.com"}
    to_app = clerk.call("POST", "/invitations", guest)
    to_organization = clerk.call(
        "POST",
        f"/organizations/{organization.id}/invitations",
        guest | {"role": "org:member", "inviter_user_id": user.id},
    )
    found = [
        await api.get_user(user.id),
        await api.get_organization(organization.id),
        await api.get_membership(organization.id, user.id),
        await api.get_invitation(to_app["id"]),
        await api.get_invitation(to_organization["id"], organization.id),
    ]
    assert [one and one["object"] for one in found] == [
        "user",
        "organization",
        "organization_membership",
        "invitation",
        "organization_invitation",
    ]
    clerk.call("POST", f"/invitations/{to_app['id']}/revoke")
    revoked = await api.get_invitation(to_app["id"])
    assert revoked is not None
    assert revoked["status"] == "revoked"
    assert await api.get_user("user_nobody") is None
    assert await api.get_organization("org_none") is None
    assert await api.get_membership("org_none", user.id) is None
    assert await api.get_membership(organization.id, "user_nobody") is None
    assert await api.get_invitation("inv_none") is None
    assert await api.get_invitation("orginv_none", organization.id) is None
    assert api.breaker.state is BreakerState.CLOSED


async def test_lists_come_oldest_first_and_in_pages(api: ClerkApi, clerk: ClerkInstance) -> None:
    users = [clerk.users.create(f"user{number}@example.com") for number in range(5)]
    organization = clerk.organizations.create("Engines", created_by=users[0].id)
    for user in users[1:]:
        clerk.organizations.add_member(organization, user)
    ids = [user.id for user in users]
    pages = [await api.list_users(limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [[row["id"] for row in page] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    for organization_id in (None, organization.id):
        rows = await api.list_memberships(organization_id=organization_id)
        assert [row["public_user_data"]["user_id"] for row in rows] == ids
    assert [row["id"] for row in await api.list_organizations()] == [organization.id]
    assert await api.list_invitations() == []
    assert await api.list_invitations(revoked=True) == []
    assert await api.list_organization_invitations() == []


@pytest.mark.parametrize("speaker", ["clerk", "gateway"])
async def test_5xx_opens_the_breaker_which_then_refuses_at_once_and_closes_again(
    api: ClerkApi, clerk: ClerkInstance, speaker: Any
) -> None:
    with clerk.faults.server_error(502, speaker=speaker) as fault:
        for _ in range(3):
            with pytest.raises(ClerkApiError, match="502"):
                await api.get_user("user_1")
        assert api.breaker.state is BreakerState.OPEN
        for _ in range(20):
            with pytest.raises(BreakerOpenError, match="502"):
                await api.get_user("user_1")
        assert fault.fired == 3
    await asyncio.sleep(RESET_S)
    assert await api.get_user("user_1") is None
    assert api.breaker.state is BreakerState.CLOSED


async def test_in_half_open_fifty_callers_at_once_make_one_request(
    api: ClerkApi, clerk: ClerkInstance
) -> None:
    with clerk.faults.server_error(503):
        for _ in range(3):
            with pytest.raises(ClerkApiError):
                await api.get_user("user_1")
    await asyncio.sleep(RESET_S)
    with clerk.faults.latency(0.2) as probe:
        callers = [api.get_user("user_1") for _ in range(50)]
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert probe.matched == 1
    assert answers.count(None) == 1
    assert sum(isinstance(answer, BreakerOpenError) for answer in answers) == 49


async def test_429_is_left_alone_for_as_long_as_it_says(
    api: ClerkApi, clerk: ClerkInstance
) -> None:
    with clerk.faults.rate_limit(retry_after_s=7) as fault:
        with pytest.raises(ClerkApiError, match="429") as refused:
            await api.get_user("user_1")
        assert refused.value.retry_after_s == 7
        with pytest.raises(BreakerOpenError) as left_alone:
            await api.get_user("user_1")
        assert 6 < left_alone.value.retry_after_s <= 7
        assert fault.fired == 1


async def test_patience_waits_out_429_and_5xx(
    http: httpx.AsyncClient, clerk: ClerkInstance
) -> None:
    patient = make_api(http, clerk, patience_s=20)
    with clerk.faults.rate_limit(retry_after_s=1, times=1):
        started = time.monotonic()
        assert await patient.get_user("user_1") is None
        assert time.monotonic() - started >= 1
    with clerk.faults.server_error(503, times=4):
        assert await patient.get_user("user_1") is None


async def test_patience_comes_to_an_end(http: httpx.AsyncClient, clerk: ClerkInstance) -> None:
    patient = make_api(http, clerk, patience_s=1)
    with clerk.faults.server_error(503):
        started = time.monotonic()
        with pytest.raises(ClerkApiError):
            await patient.get_user("user_1")
        assert time.monotonic() - started < 3


async def test_a_server_that_never_answers_costs_no_more_than_the_limit(
    api: ClerkApi, clerk: ClerkInstance
) -> None:
    with clerk.faults.timeout():
        started = time.monotonic()
        with pytest.raises(ClerkApiError, match="no answer"):
            await api.get_user("user_1")
        assert time.monotonic() - started < 5


async def test_a_connection_that_breaks_off_is_tried_once_more(
    api: ClerkApi, clerk: ClerkInstance
) -> None:
    with clerk.faults.connection_reset(times=1):
        assert await api.get_user("user_1") is None
    with clerk.faults.connection_reset() as fault:
        with pytest.raises(ClerkApiError, match="no answer"):
            await api.get_user("user_1")
        assert fault.fired == 2


async def test_a_wrong_key_is_told_at_once_and_opens_nothing(
    http: httpx.AsyncClient, clerk: ClerkInstance
) -> None:
    stranger = make_api(http, clerk, secret_key="sk_test_wrong", patience_s=60)
    for _ in range(5):
        with pytest.raises(ClerkApiError, match="401") as refused:
            await stranger.get_user("user_1")
        assert not refused.value.passing
    assert stranger.breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1", b"\xff\xfe"])
@pytest.mark.parametrize("status", [200, 302, 404])
async def test_an_answer_that_is_not_clerks_is_no_answer(status: int, body: bytes) -> None:
    strange = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    async with httpx.AsyncClient(transport=strange) as http:
        api = ClerkApi(http, base_url="http://127.0.0.1/v1", secret_key="sk")
        with pytest.raises(ClerkApiError, match=f"{status} without JSON"):
            await api.get_user("user_1")
        for _ in range(4):
            with pytest.raises(ClerkApiError):
                await api.list_users()
    assert api.breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("asked", ["soon", "-3", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999"])
async def test_a_strange_retry_after_is_survived(asked: str) -> None:
    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"retry-after": asked}, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(busy)) as http:
        api = ClerkApi(http, base_url="http://127.0.0.1/v1", secret_key="sk")
        with pytest.raises(ClerkApiError) as refused:
            await api.get_user("user_1")
    assert 0 < refused.value.retry_after_s <= 60


async def test_an_answer_that_drips_in_has_an_end() -> None:
    async def drip(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(drip)) as http:
        api = ClerkApi(http, base_url="http://127.0.0.1/v1", secret_key="sk")
        started = time.monotonic()
        with pytest.raises(ClerkApiError, match="TimeoutError"):
            await api.get_user("user_1")
        assert time.monotonic() - started < 6
