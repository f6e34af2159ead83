"""The fake must not take in real secrets, too much data, or orders from any website."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
from servers import Running, refusal_of, running

if TYPE_CHECKING:
    from conftest import InstanceInfo

LIVE_KEY = "sk_live_that_is_made_up_for_this_test"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested is what it lets in
MALLORY = "https://mallory.example"


def test_a_live_key_that_is_sent_is_refused_and_not_repeated(http: httpx.Client) -> None:
    refused = http.get("/v1/users", headers={"authorization": f"Bearer {LIVE_KEY}"})

    assert refused.status_code == 401
    (error,) = refused.json()["errors"]
    assert error["code"] == "authentication_invalid"
    assert "live secret key" in error["long_message"]
    assert LIVE_KEY not in refused.text


def test_a_live_key_of_an_instance_is_refused_with_the_way_out(http: httpx.Client) -> None:
    refused = http.post("/__fake__/instances", json={"secret_key": LIVE_KEY})

    assert refused.status_code == 422
    assert "--allow-live-keys" in refused.text
    assert LIVE_KEY not in refused.text
    assert LIVE_KEY not in refusal_of("--secret-key", LIVE_KEY)


@pytest.fixture(scope="module")
def allowing() -> Iterator[Running]:
    with running("--allow-live-keys", "--secret-key", LIVE_KEY, "--limits") as server:
        yield server


def test_with_the_switch_a_live_key_makes_a_production_instance(allowing: Running) -> None:
    assert allowing.ready["secret_key"] == LIVE_KEY
    assert allowing.ready["publishable_key"].startswith("pk_live_")
    assert allowing.ask("GET", "/v1/users").status_code == 200
    assert allowing.get("…/limits")["requests_per_10s"] == 1000
    unknown = allowing.ask("GET", "/v1/users", key="sk_live_other")
    assert unknown.status_code == 401
    assert "unknown" in unknown.json()["errors"][0]["long_message"]


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ({"secret_key": "sk_live_1", "publishable_key": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k"}, 201),
        ({"secret_key": "sk_live_2", "publishable_key": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"}, 422),
        ({"publishable_key": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k"}, 422),
        ({"secret_key": "sk_test_3"}, 201),
    ],
)
def test_both_keys_are_of_one_environment(
    allowing: Running, keys: dict[str, str], status: int
) -> None:
    assert allowing.http.post("/__fake__/instances", json=keys).status_code == status


def test_a_live_key_is_warned_of_and_needs_the_switch_each_time(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "clerk.state"))
    with running("--allow-live-keys", "--secret-key", LIVE_KEY, *state, stderr=subprocess.PIPE) as (
        server
    ):
        instance_id = server.ready["instance_id"]
        server.process.terminate()
        _, warned = server.process.communicate(timeout=10)

    assert warned.startswith(b"clerk_fake: WARNING instance " + instance_id.encode())
    assert LIVE_KEY.encode() not in warned
    assert "--allow-live-keys" in refusal_of(*state)


@pytest.fixture(scope="module")
def narrow() -> Iterator[Running]:
    with running("--body-limit", "1000") as server:
        yield server


@pytest.mark.parametrize("size", [1000, 1001])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_is_read_up_to_the_limit(narrow: Running, size: int, announced: bool) -> None:
    body = b'{"username":"ada_%d_%d"}' % (size, announced)
    padded = body.ljust(size)
    parts = (padded[at : at + 300] for at in range(0, size, 300))

    answer = narrow.http.post(
        "/v1/users",
        content=padded if announced else parts,
        headers={"authorization": f"Bearer {narrow.ready['secret_key']}"},
    )

    if size == 1000:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["code"] == "request_body_too_large"
    assert narrow.ask("GET", "/v1/users").status_code == 200


def test_a_body_that_is_announced_too_large_is_not_waited_for(narrow: Running) -> None:
    url = narrow.http.base_url
    head = b"POST /v1/users HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1001\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        connection.sendall(head)

        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("size", ["0", "-1", "much"])
def test_a_limit_that_is_no_size_is_refused(size: str) -> None:
    assert "--body-limit" in refusal_of("--body-limit", size)


PAGES = ("/", "/dashboard", "/__fake__/health", "/__fake__/instances", "/__fake__/faults")


@pytest.mark.parametrize("path", PAGES)
def test_a_name_that_leads_to_loopback_opens_nothing(http: httpx.Client, path: str) -> None:
    rebound = http.get(path, headers={"host": "mallory.example:80"})

    assert rebound.status_code == 403
    assert rebound.json()["errors"][0]["code"] == "host_invalid"


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "127.0.0.1:9", "127.1.2.3", "[::1]:80", "clerk.localhost:3"],
)
def test_the_names_of_loopback_are_good(http: httpx.Client, host: str) -> None:
    answer = http.get("/__fake__/health", headers={"host": host, "origin": f"http://{host}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [MALLORY, "http://127.0.0.1.mallory.example", "http://127.evil", "null", "http://[", "file://"],
)
def test_a_page_of_another_site_gives_no_orders(
    http: httpx.Client, instance: "InstanceInfo", origin: str
) -> None:
    path = f"/__fake__/instances/{instance.instance_id}"

    refused = http.post(f"{path}/reset", headers={"origin": origin, "content-type": "text/plain"})

    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "origin_invalid"
    assert http.delete(path, headers={"origin": origin}).status_code == 403
    assert http.get(path).status_code == 200


def test_what_is_public_and_what_needs_a_key_is_open_to_any_name(
    http: httpx.Client, bapi: httpx.Client, instance: "InstanceInfo"
) -> None:
    strange = {"host": "mallory.example", "origin": MALLORY}

    assert http.get(instance.jwks_url, headers=strange).status_code == 200
    assert bapi.get("/users", headers=strange).status_code == 200


def test_further_names_can_be_allowed() -> None:
    with running("--allow-host", "host.docker.internal", "--allow-host", "app.test") as server:
        for headers in (
            {"host": "host.docker.internal:8080"},
            {"host": "app.test", "origin": "http://app.test:3000"},
            {"origin": "http://APP.test"},
        ):
            assert server.http.get("/__fake__/health", headers=headers).status_code == 200
        refused = server.http.get("/__fake__/health", headers={"host": "other.test"})
        assert refused.status_code == 403


def test_beyond_loopback_any_name_may_be_right_but_no_other_sites_page() -> None:
    with running("--host", EVERYWHERE, stderr=subprocess.DEVNULL) as server:
        host = {"host": "clerk:8080"}
        for origin, status in (
            ({}, 200),
            ({"origin": "http://clerk:8080"}, 200),
            ({"origin": "http://clerk:3000"}, 403),
            ({"origin": MALLORY}, 403),
        ):
            answer = server.http.get("/__fake__/health", headers={**host, **origin})
            assert answer.status_code == status, origin


def test_only_loopback_is_listened_on_unless_told_otherwise() -> None:
    with running() as server:
        open_sockets = psutil.Process(server.process.pid).net_connections()
        listening = {each.laddr.ip for each in open_sockets if each.status == psutil.CONN_LISTEN}

    assert listening == {"127.0.0.1"}
