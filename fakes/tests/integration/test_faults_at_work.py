"""What each fault does to real clients, and that it is gone when it is healed."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import SDKError
from clerk_backend_api.utils import BackoffStrategy, RetryConfig

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo

Aside = Callable[[Callable[[], Any]], "Future[Any]"]
QUICKLY = RetryConfig("backoff", BackoffStrategy(1, 10, 1.5, 5_000), True)
NEVER = RetryConfig("none", BackoffStrategy(1, 1, 1, 1), False)


@pytest.fixture
def aside() -> "Iterator[Aside]":
    """Does something while the test goes on."""
    with ThreadPoolExecutor() as threads:
        yield threads.submit


def _set(control: httpx.Client, kind: str, **settings: Any) -> str:
    created = control.post("/faults", json={"kind": kind, **settings})
    return str(created.raise_for_status().json()["id"])


def _fired(control: httpx.Client, fault_id: str) -> int:
    return int(control.get(f"/faults/{fault_id}").json()["fired"])


def _usernames(control: httpx.Client, bapi: httpx.Client) -> list[str]:
    control.delete("/faults")
    return [user["username"] for user in bapi.get("/users").json()]


def test_latency_delays_by_what_is_drawn(bapi: httpx.Client, control: httpx.Client) -> None:
    fault = _set(control, "latency", delay_s=0.2, jitter_s=0.1, seed=1)

    waits = []
    for _ in range(5):
        started = time.monotonic()
        assert bapi.get("/users").status_code == 200
        waits.append(time.monotonic() - started)

    assert min(waits) >= 0.1
    assert max(waits) - min(waits) > 0.01
    assert _fired(control, fault) == 5
    control.delete("/faults")
    started = time.monotonic()
    bapi.get("/users")
    assert time.monotonic() - started < 0.1


def test_a_healed_latency_lets_go_at_once(
    bapi: httpx.Client, control: httpx.Client, aside: Aside
) -> None:
    fault = _set(control, "latency", delay_s=60)
    waiting = aside(lambda: bapi.get("/users"))
    eventually(lambda: _fired(control, fault), within=5)

    control.delete(f"/faults/{fault}")

    assert waiting.result(timeout=5).status_code == 200


def test_whoever_gives_up_during_a_latency_changes_nothing(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _set(control, "latency", delay_s=60, method="POST")

    with pytest.raises(httpx.ReadTimeout):
        bapi.post("/users", json={"username": "ada_l"}, timeout=0.2)

    assert _usernames(control, bapi) == []


def test_a_rate_limit_says_when_to_come_back(bapi: httpx.Client, control: httpx.Client) -> None:
    _set(control, "rate_limit", retry_after_s=7)

    refused = bapi.post("/users", json={"username": "ada_l"})

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "7"
    assert refused.json()["errors"][0]["code"] == "too_many_requests"
    assert _usernames(control, bapi) == []


@pytest.mark.unjudged("a server error is what was asked for")
@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_server_error_speaks_as_clerk_or_as_a_gateway(
    bapi: httpx.Client, control: httpx.Client, status: int
) -> None:
    _set(control, "server_error", status=status)
    clerks = bapi.post("/users", json={"username": "ada_l"})
    control.delete("/faults")
    _set(control, "server_error", status=status, speaker="gateway")
    gateways = bapi.post("/users", json={"username": "ada_l"})

    assert {clerks.status_code, gateways.status_code} == {status}
    assert clerks.json()["errors"][0]["code"] == "internal_clerk_error"
    assert gateways.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{status} " in gateways.text
    assert _usernames(control, bapi) == []


@pytest.mark.unjudged("a server error is what was asked for")
def test_a_server_error_may_come_after_the_change(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _set(control, "server_error", applied=True, method="POST")

    assert bapi.post("/users", json={"username": "ada_l"}).status_code == 503

    assert _usernames(control, bapi) == ["ada_l"]
    assert len(control.get("/messages").json()["data"]) == 1


@pytest.mark.unjudged("a server error is what was asked for")
def test_the_official_client_outlasts_a_burst(clerk: Clerk, control: httpx.Client) -> None:
    ada = clerk.users.create(username="ada_l")
    fault = _set(control, "server_error", status=502, speaker="gateway", burst=3, times=3)

    with pytest.raises(SDKError) as refusal:
        clerk.users.get(user_id=ada.id, retries=NEVER)
    assert refusal.value.status_code == 502
    assert clerk.users.get(user_id=ada.id, retries=QUICKLY).id == ada.id
    assert _fired(control, fault) == 3


@pytest.mark.parametrize("applied", [False, True])
def test_a_timeout_never_answers(bapi: httpx.Client, control: httpx.Client, applied: bool) -> None:
    fault = _set(control, "timeout", applied=applied)

    with pytest.raises(httpx.ReadTimeout):
        bapi.post("/users", json={"username": "ada_l"}, timeout=0.3)

    assert _fired(control, fault) == 1
    assert _usernames(control, bapi) == (["ada_l"] if applied else [])


def test_a_healed_timeout_lets_go_of_whom_it_kept(
    bapi: httpx.Client, control: httpx.Client, aside: Aside
) -> None:
    fault = _set(control, "timeout", times=1)
    waiting = aside(lambda: bapi.get("/users"))
    eventually(lambda: _fired(control, fault), within=5)
    assert bapi.get("/users").status_code == 200

    control.delete(f"/faults/{fault}")

    with pytest.raises(httpx.ReadError):
        waiting.result(timeout=5)


@pytest.mark.unjudged("a server error is what was asked for")
def test_a_jwks_outage_leaves_everything_else_alone(
    bapi: httpx.Client, http: httpx.Client, control: httpx.Client, instance: "InstanceInfo"
) -> None:
    fault = _set(control, "jwks_outage", status=504)

    assert bapi.get("/jwks").status_code == 504
    assert http.get(instance.jwks_url).status_code == 504
    assert bapi.get("/users").status_code == 200
    assert _fired(control, fault) == 2
    control.delete("/faults")
    assert http.get(instance.jwks_url).json() == bapi.get("/jwks").json()
