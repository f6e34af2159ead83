"""Endpoints do not wait for each other, and nobody waits for the clock."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from outgoing import attempts, settle, settled, statuses, trigger

from clerk_fake.webhooks.dispatcher import LANE_WIDTH
from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, Receiver

MESSAGES = 3 * LANE_WIDTH


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A receiver that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * MESSAGES) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/"


def test_a_slow_endpoint_does_not_slow_another(control: httpx.Client, receiver: "Receiver") -> None:
    let_go = threading.Event()

    def answer(delivered: "Delivered") -> int:
        if delivered.headers["x-pace"] == "slow":
            let_go.wait(20)
        return 200

    def received(pace: str) -> int:
        return sum(one.headers["x-pace"] == pace for one in tuple(receiver.received))

    receiver.answer = answer
    for pace in ("slow", "quick"):
        control.post("/endpoints", json={"url": receiver.url, "headers": {"x-pace": pace}})
    try:
        for number in range(MESSAGES):
            trigger(control, number)

        eventually(lambda: received("quick") == MESSAGES, within=10)
        eventually(lambda: received("slow") >= LANE_WIDTH, within=10)

        assert received("slow") == LANE_WIDTH
        assert control.get("/deliveries").json()["pending"] >= MESSAGES
    finally:
        let_go.set()
    settle(control)
    assert received("slow") == MESSAGES


@pytest.mark.parametrize("how", ["nobody listens", "nobody answers"])
def test_a_dead_endpoint_does_not_slow_another(
    control: httpx.Client, receiver: "Receiver", black_hole: str, how: str
) -> None:
    dead = "http://127.0.0.1:1/" if how == "nobody listens" else black_hole
    for url in (dead, receiver.url):
        control.post("/endpoints", json={"url": url}).raise_for_status()
    for number in range(MESSAGES):
        trigger(control, number)

    eventually(lambda: len(receiver.received) == MESSAGES, within=10)

    assert len({one.headers["svix-id"] for one in receiver.received}) == MESSAGES
    assert not settled(control)
    assert set(statuses(control)) == {"pending"}


def test_a_dead_instance_does_not_slow_another(
    http: httpx.Client, control: httpx.Client, receiver: "Receiver", black_hole: str
) -> None:
    other = f"/__fake__/instances/{http.post('/__fake__/instances').json()['instance_id']}"
    try:
        http.post(f"{other}/endpoints", json={"url": black_hole}).raise_for_status()
        control.post("/endpoints", json={"url": receiver.url}).raise_for_status()
        for number in range(MESSAGES):
            http.post(f"{other}/trigger", json={"type": "user.created", "data": {}})
            trigger(control, number)

        settle(control)

        assert http.get(f"{other}/deliveries").json()["pending"] == MESSAGES
    finally:
        http.delete(other)
    assert statuses(control) == ["delivered"] * MESSAGES


def test_the_whole_schedule_is_walked_in_less_than_a_second(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: 500
    control.post("/endpoints", json={"url": receiver.url})
    took_s = []
    for number in range(3):  # somebody else may have had the machine during one of them
        started = time.perf_counter()
        trigger(control, number)
        control.post("/clock/advance", json={"seconds": 1.25 * 99_305})
        eventually(lambda: settled(control), within=10, every=0.01)
        took_s.append(time.perf_counter() - started)

    assert statuses(control) == ["exhausted"] * 3
    assert len(attempts(control)) == 3 * 8
    assert min(took_s) < 1
