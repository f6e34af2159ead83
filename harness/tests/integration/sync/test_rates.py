"""Rate limits: shared by all processes through Redis, and by each for itself when Redis is gone."""

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest

from clerk_harness.stack import Stack
from clerk_sync.config import Role, Settings, read_settings
from clerk_sync.service.rates import limiter, shared_permits

pytestmark = pytest.mark.asyncio

LOOPBACK = (ip_network("127.0.0.0/8"),)
OPERATOR = {"Authorization": "Bearer operator-token"}


def new_source() -> str:
    """An address that nobody else has shown this Redis."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


@pytest.fixture
def source() -> str:
    return new_source()


@pytest.fixture
def limited(settings: Settings) -> Settings:
    return replace(settings, trusted_proxies=LOOPBACK)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for Redis however busy the machine is: where counting is tested, and not waiting."""
    monkeypatch.setattr(limiter, "WAIT_S", 10.0)
    monkeypatch.setattr(shared_permits, "TIMEOUT_S", 10.0)


def behind(source: str) -> dict[str, str]:
    return {"X-Forwarded-For": source}


async def ask(service: Any, source: str, path: str = "/nothing") -> Any:
    return await service.http.get(path, headers=behind(source))


async def admitted(services: list[Any], source: str, requests: int) -> int:
    """Send requests to one service after the other and count those that were let in."""
    answers = [await ask(services[n % len(services)], source) for n in range(requests)]
    assert {answer.status_code for answer in answers} <= {404, 429}
    return sum(answer.status_code == 404 for answer in answers)


@pytest.mark.usefixtures("patient")
async def test_whoever_sends_too_much_is_told_when_to_come_again(
    limited: Settings, open_service: Any, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_service(replace(limited, api_rate="5/minute")) as service:
        with caplog.at_level(logging.WARNING, "clerk_sync.service.rates"):
            answers = [await ask(service, source) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [404] * 5 + [429] * 7
        last = answers[-1]
        assert 1 <= int(last.headers["retry-after"]) <= 60
        assert last.headers["ratelimit-policy"] == '"api";q=5;w=60'
        assert last.headers["ratelimit"] == f'"api";r=0;t={last.headers["retry-after"]}'
        assert last.json()["error"]["code"] == "rate_limited"
        assert len([line for line in caplog.messages if "is refused" in line]) == 1
        # Other sources, and probes from anywhere, do not suffer.
        metrics = await ask(service, source.replace("2001", "2002"), "/metrics")
        assert 'rate_limit_refused_total{scope="api"} 7.0' in metrics.text
        assert (await ask(service, source, "/health/live")).status_code == 200


@pytest.mark.usefixtures("patient")
async def test_a_limit_of_webhooks_is_one_of_its_own(
    limited: Settings, open_service: Any, source: str
) -> None:
    settings = replace(limited, webhook_rate="3/minute", api_rate="5/minute")
    async with open_service(settings) as service:
        service.http.headers.update(behind(source))
        answers = [(await service.post("user.created", f"user_{n}"))[1] for n in range(5)]
        assert [answer.status_code for answer in answers] == [204] * 3 + [429] * 2
        assert (await ask(service, source)).status_code == 404


@pytest.mark.usefixtures("patient")
async def test_several_processes_share_a_limit(
    limited: Settings, open_service: Any, source: str
) -> None:
    settings = replace(limited, api_rate="60/minute")
    async with open_service(settings) as one, open_service(settings) as other:
        # Each may hold back the rest of a block of 3 that the other can no longer have.
        assert 60 - 2 * 2 <= await admitted([one, other], source, 100) <= 60


@pytest.mark.usefixtures("patient")
async def test_a_burst_at_once_gets_no_more_than_the_limit(
    limited: Settings, open_service: Any, source: str
) -> None:
    settings = replace(limited, api_rate="100/hour")
    async with open_service(settings) as service:
        answers = await asyncio.gather(*[ask(service, source) for _ in range(300)])
        assert sum(answer.status_code == 404 for answer in answers) == 100


@pytest.fixture
def mortal_settings(mortal_env: dict[str, str]) -> Settings:
    settings = read_settings(Role.API, mortal_env)
    return replace(settings, trusted_proxies=LOOPBACK, api_rate="20/minute")


@pytest.fixture(params=["killed", "frozen"])
def broken_redis(request: pytest.FixtureRequest, mortal: Stack) -> Iterator[Any]:
    """Break Redis when called, mend it when called again, and in any case at the end."""
    broken = False

    def toggle() -> None:
        nonlocal broken
        broken = not broken
        if request.param == "killed":
            (mortal.redis.kill if broken else mortal.redis.restart)()
        else:
            (mortal.redis.freeze if broken else mortal.redis.thaw)()

    yield toggle
    if broken:
        toggle()


async def test_without_redis_each_process_limits_by_itself_at_once_and_later_together_again(
    mortal_settings: Settings, broken_redis: Any, open_service: Any, source: str
) -> None:
    async with open_service(mortal_settings) as one, open_service(mortal_settings) as other:
        assert (await ask(one, source)).status_code == 404
        broken_redis()
        took, statuses = [], []
        for number in range(60):
            started = time.monotonic()
            statuses.append((await ask([one, other][number % 2], source)).status_code)
            took.append(time.monotonic() - started)
        assert sorted(took)[-4] < 0.3
        assert max(took) < 1  # whoever waited for Redis to time out would take two
        # The twenty of each process; Redis had counted one of them.
        assert statuses.count(404) in {39, 40}
        broken_redis()
        async with asyncio.timeout(10):
            # The pings that bring Redis back run between the requests, and tell nobody.
            while not 18 <= await admitted([one, other], new_source(), 50) <= 20:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_what_was_granted_while_redis_was_late_is_paid_back(
    mortal_settings: Settings, mortal: Stack, open_service: Any, source: str
) -> None:
    async with open_service(replace(mortal_settings, api_rate="10/hour")) as service:
        assert await admitted([service], source, 2) == 2
        mortal.redis.freeze()
        try:
            assert await admitted([service], source, 1) == 1
        finally:
            mortal.redis.thaw()
        assert await admitted([service], source, 20) == 7


async def test_a_frozen_redis_delays_no_acknowledgement(
    mortal_settings: Settings, mortal: Stack, open_service: Any, source: str
) -> None:
    settings = replace(mortal_settings, webhook_rate="1000/second")
    async with open_service(settings) as service:
        service.http.headers.update(behind(source))
        await service.deliver("user.created")
        mortal.redis.freeze()
        try:
            took = []
            for number in range(200):
                started = time.monotonic()
                await service.deliver("user.created", f"user_{number}")
                took.append(time.monotonic() - started)
            # The machine may stall once or twice; Redis would do so each time.
            assert sorted(took)[-4] < 0.5
        finally:
            mortal.redis.thaw()


@pytest.mark.usefixtures("patient")
async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    settings: Settings, open_service: Any, source: str
) -> None:
    # 127.0.0.1 asks, and is no trusted proxy: whatever it forwards for is its own doing.
    untrusting = replace(settings, api_rate="5/minute", trusted_proxies=(ip_network("10.0.0.0/8"),))
    async with open_service(untrusting) as service:
        sources = [source.replace("2001", f"20{number}") for number in range(10, 20)]
        answers = [await ask(service, one) for one in sources]
        assert [answer.status_code for answer in answers].count(404) == 5


@pytest.mark.usefixtures("patient")
async def test_forgeries_are_limited_and_genuine_webhooks_from_the_same_address_are_taken(
    limited: Settings, open_service: Any, source: str
) -> None:
    async with open_service(replace(limited, failure_rate="5/minute")) as service:
        service.http.headers.update(behind(source))
        forged = [await service.http.post("/webhooks/clerk", content=b"{}") for _ in range(8)]
        assert [answer.status_code for answer in forged] == [400] * 5 + [429] * 3
        await service.deliver("user.created")
        assert (await service.get("/users"))["data"] == []


@pytest.mark.usefixtures("patient")
async def test_who_guesses_operator_tokens_is_not_heard_even_with_the_right_one(
    limited: Settings, open_service: Any, source: str
) -> None:
    async with open_service(replace(limited, failure_rate="5/minute")) as service:
        wrong = behind(source) | {"Authorization": "Bearer operator-guess"}
        for path, expected in (("/users", [401] * 3), ("/users/user_1", [401] * 2 + [429])):
            answers = [await service.http.get(path, headers=wrong) for _ in expected]
            assert [answer.status_code for answer in answers] == expected
        right = behind(source) | OPERATOR
        assert (await service.http.get("/users", headers=right)).status_code == 429
        elsewhere = behind(source.replace("2001", "2002")) | OPERATOR
        assert (await service.http.get("/users", headers=elsewhere)).status_code == 200


async def test_a_missing_token_is_no_guess_and_no_forgery(
    limited: Settings, open_service: Any, source: str
) -> None:
    async with open_service(replace(limited, failure_rate="3/minute")) as service:
        for path in ("/users", "/users/me", "/users/user_1"):
            answers = [await ask(service, source, path) for _ in range(5)]
            assert [answer.status_code for answer in answers] == [401] * 5
