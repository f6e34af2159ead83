"""A server that others can reach sends nothing into the network that it stands in."""

import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from servers import FAKE, Running, refusal_of, running
from svix.api import EndpointIn, Svix, SvixOptions
from svix.api.errors.http_validation_error import HTTPValidationError

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Receiver

EVERYWHERE = ("--host", "0.0.0.0")  # noqa: S104 - what is tested is where it sends to
PAUSED = {"now_ms": 1_700_000_000_000, "frozen": True}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Running]:
    with running(*EVERYWHERE, stderr=subprocess.DEVNULL) as server:
        yield server


def attempts_of(server: Running) -> list[dict[str, Any]]:
    return eventually(lambda: server.get("…/attempts")["data"], within=10)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "127.0.0.1 is not on the public internet (loopback)"),
        ("http://127.1:1/", "an odd way to write 127.0.0.1"),
        ("http://2130706433/", "an odd way to write 127.0.0.1"),
        ("http://localhost:8000/hook", "this machine itself"),
        ("https://[::1]/", "loopback"),
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://me:secret@10.0.0.1/", "private"),
        ("http://8.8.8.8@192.168.0.1/", "private"),
        ("http://[::ffff:8.8.8.8]/", "IPv4-mapped"),
    ],
)
def test_an_endpoint_inside_is_refused_with_the_reason(
    guarded: Running, url: str, reason: str
) -> None:
    refused = guarded.ask("POST", "…/endpoints", {"url": url})

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["meta"]["param_name"] == "url"
    assert reason in error["long_message"]
    assert guarded.get("…/endpoints")["data"] == []


def test_an_endpoint_outside_is_taken_and_cannot_be_moved_inside(guarded: Running) -> None:
    made = guarded.ask("POST", "…/endpoints", {"url": "https://example.com/", "disabled": True})
    path = f"…/endpoints/{made.json()['id']}"

    moved = guarded.ask("PATCH", path, {"url": "http://127.0.0.1:1/"})

    assert made.status_code == 201
    assert moved.status_code == 422
    assert guarded.get(path)["url"] == "https://example.com/"
    assert guarded.ask("PATCH", path, {"url": "http://1.1.1.1/"}).status_code == 200
    assert guarded.ask("DELETE", path).status_code == 200


def test_no_face_takes_an_endpoint_inside(guarded: Running) -> None:
    of_the_owner = guarded.ask("POST", "…/operational-endpoints", {"url": "http://10.0.0.1/"})
    assert of_the_owner.status_code == 422

    svix = Svix(guarded.ready["secret_key"], SvixOptions(server_url=guarded.ready["url"]))
    (app,) = svix.application.list().data
    with pytest.raises(HTTPValidationError) as refused:
        svix.endpoint.create(app.id, EndpointIn(url="http://169.254.169.254/"))
    assert "(link-local)" in refused.value.detail[0].msg
    svix._httpx_client.close()  # it offers no other way
    assert (
        guarded.get("…/endpoints")["data"] == guarded.get("…/operational-endpoints")["data"] == []
    )


def test_what_gets_past_the_door_is_stopped_at_the_wire(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url}).raise_for_status()
    from_loopback = control.get("/snapshot").json()
    with running(*EVERYWHERE, stderr=subprocess.DEVNULL) as server:
        assert server.ask("PUT", "…/snapshot", from_loopback).is_success
        server.ask("PUT", "…/clock", PAUSED)

        server.ask("POST", "…/trigger", {"type": "user.created", "data": {}})

        (attempt,) = attempts_of(server)
        assert attempt["status"] is None
        assert attempt["error"].startswith("forbidden: 127.0.0.1 is not on the public internet")
        (endpoint,) = server.get("…/endpoints")["data"]
        path = f"…/endpoints/{endpoint['id']}"
        assert server.ask("PATCH", path, {"disabled": True}).status_code == 200
    assert receiver.received == []


@pytest.mark.parametrize("network", ["127.0.0.0/8", "127.0.0.1"])
def test_a_network_that_is_allowed_on_purpose_is_sent_to(
    receiver: "Receiver", network: str
) -> None:
    options = ("--allow-endpoint-network", network, "--allow-endpoint-network", "fd00::/8")
    with running(*EVERYWHERE, *options, stderr=subprocess.DEVNULL) as server:
        by_name = receiver.url.replace("127.0.0.1", "localhost")
        for url, disabled, status in (
            (receiver.url, False, 201),
            (by_name, False, 201),
            ("http://[fd00::1]/", True, 201),
            ("http://10.0.0.1/", True, 422),
        ):
            made = server.ask("POST", "…/endpoints", {"url": url, "disabled": disabled})
            assert made.status_code == status, url

        server.ask("POST", "…/trigger", {"type": "user.created", "data": {}})

        eventually(lambda: len(receiver.received) == 2, within=10)
    hosts = sorted(urlsplit(f"//{one.headers['host']}").hostname or "" for one in receiver.received)
    assert hosts == ["127.0.0.1", "localhost"]


def test_what_is_no_network_is_refused_with_the_remedy() -> None:
    for text in ("10.0.0.1/8", "localhost", "10.0.0.0/33", ""):
        line = refusal_of("--allow-endpoint-network", text)
        assert "--allow-endpoint-network" in line
        assert "give a network such as 172.17.0.0/16" in line


def test_the_help_tells_of_the_option() -> None:
    shown = subprocess.run(
        [*FAKE, "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert "--allow-endpoint-network CIDR" in shown
