"""What becomes of messages that are on their way when a server is told to stop."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import Running, running

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, Receiver


def stop(server: Running) -> None:
    """Tell a server to end, as its owner would."""
    os.kill(server.process.pid, signal.SIGTERM)


def last_words(server: Running) -> str:
    """Wait for a server's clean end, and return what it said."""
    assert server.process.wait(timeout=10) == 0
    assert server.process.stderr is not None
    return server.process.stderr.read().decode()


def leave_pending(server: Running, url: str) -> None:
    """Leave two messages that wait for their next attempt beside one that has arrived."""
    server.ask("PUT", "…/clock", {"frozen": True})
    server.ask("POST", "…/endpoints", {"url": url})
    for event_type in ("user.created", "user.created", "user.deleted"):
        server.ask("POST", "…/trigger", {"type": event_type, "data": {}})
    eventually(lambda: len(server.get("…/attempts")["data"]) == 3, within=5)


def creations_fail(delivered: "Delivered") -> int:
    return 500 if delivered.event["type"] == "user.created" else 200


def test_a_server_that_ends_says_what_is_pending_and_lost(receiver: "Receiver") -> None:
    receiver.answer = creations_fail
    with running(stderr=subprocess.PIPE) as server:
        leave_pending(server, f"{receiver.url.replace('//', '//me:hush@')}?token=hush")
        stop(server)
        said = last_words(server)

    assert said.splitlines() == [
        "clerk_fake: WARNING 2 deliveries are pending and are lost, as there is no --state",
        f"clerk_fake: WARNING 2 of them to {receiver.url}",
    ]


def test_with_a_file_what_is_pending_goes_on_with_the_next_server(
    receiver: "Receiver", tmp_path: Path
) -> None:
    receiver.answer = creations_fail
    file = tmp_path / "state.db"
    with running("--state", str(file), stderr=subprocess.PIPE) as server:
        leave_pending(server, receiver.url)
        stop(server)
        said = last_words(server)

    assert f"2 deliveries are pending and go on with the next server of {file}" in said
    receiver.answer = lambda _delivered: 200
    with running("--state", str(file), stderr=subprocess.PIPE) as server:
        server.ask("POST", "…/clock/advance", {"seconds": 10})
        eventually(lambda: server.get("…/deliveries")["pending"] == 0, within=5)
        stop(server)
        assert last_words(server) == ""
    assert len(receiver.received) == 5


@pytest.mark.parametrize("sudden", [False, True])
def test_resends_that_were_asked_for_go_on_with_the_next_server(
    receiver: "Receiver", tmp_path: Path, *, sudden: bool
) -> None:
    file = tmp_path / "state.db"
    with running("--state", str(file), stderr=subprocess.PIPE) as server:
        server.ask("PUT", "…/clock", {"frozen": True})
        made = server.ask("POST", "…/endpoints", {"url": receiver.url, "rate_limit": 1}).json()
        message = server.ask("POST", "…/trigger", {"type": "user.created", "data": {}}).json()
        eventually(lambda: server.get("…/deliveries")["pending"] == 0, within=5)
        for _ in range(3):
            server.ask("POST", f"…/messages/{message['id']}/resend", {})
        assert server.get("…/deliveries")["pending"] == 3
        if sudden:
            server.kill()
        else:
            stop(server)
            assert "3 deliveries are pending and go on" in last_words(server)

    with running("--state", str(file)) as server:
        server.ask("PATCH", f"…/endpoints/{made['id']}", {"rate_limit": None})
        eventually(lambda: server.get("…/deliveries")["pending"] == 0, within=5)
        triggers = [each["trigger"] for each in server.get("…/attempts")["data"]]
    assert triggers == ["scheduled", "manual", "manual", "manual"]
    assert {each.headers["svix-id"] for each in receiver.received} == {message["id"]}


def test_what_is_under_way_ends_before_the_server_does(receiver: "Receiver") -> None:
    arrived, never = threading.Event(), threading.Event()

    def slowly(_delivered: "Delivered") -> int:
        arrived.set()
        never.wait(1)
        return 200

    receiver.answer = slowly
    with running(stderr=subprocess.PIPE) as server:
        server.ask("POST", "…/endpoints", {"url": receiver.url})
        server.ask("POST", "…/trigger", {"type": "user.created", "data": {}})
        assert arrived.wait(5)

        stop(server)

        assert last_words(server) == ""


def test_operational_messages_are_among_what_is_pending(receiver: "Receiver") -> None:
    receiver.answer = lambda _delivered: 500
    with running(stderr=subprocess.PIPE) as server:
        server.ask("PUT", "…/clock", {"frozen": True})
        server.ask("POST", "…/operational-endpoints", {"url": receiver.url})
        server.ask("POST", "…/endpoints", {"url": "http://127.0.0.1:1/"})
        eventually(lambda: receiver.received, within=5)

        stop(server)
        assert f"1 of them to {receiver.url}" in last_words(server)
