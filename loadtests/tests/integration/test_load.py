"""Loads against real receivers, through ``python -m clerk_load``."""

import json
import signal
import socket
from collections import Counter
from typing import Any

import pytest
import svix

from clerk_harness.waiting import eventually


def accounted(load: Any, planned: int) -> Counter[str]:
    """The law of every load: each planned message is there once; returns what became of them."""
    lines = load.deliveries
    assert [line["id"] for line in lines] == [f"msg_{i}" for i in range(planned)]
    assert all(
        set(line) == {"id", "due_at", "sent_at", "answered_at", "status", "error", "late"}
        for line in lines
    )
    assert all((line["status"] is None) != (line["error"] is None) for line in lines)
    assert all((line["answered_at"] is None) == (line["status"] is None) for line in lines)
    figures = load.figures
    assert figures["planned"] == planned
    assert (
        figures["acked"] + sum(figures["refused"].values()) + sum(figures["errors"].values())
        == planned
    )
    assert figures["sent"] == sum(line["sent_at"] is not None for line in lines)
    return Counter(str(line["status"] or line["error"]) for line in lines)


def test_a_healthy_service_meets_the_thresholds(receive: Any, loader: Any) -> None:
    receiver = receive()
    load = loader.run(receiver.url, 200, 200)
    assert (load.code, load.err) == (0, "")
    assert load.out.startswith("pass: success 1.0000, acknowledgement p95")
    assert accounted(load, 200) == {"204": 200}
    figures = load.figures
    assert (figures["verdict"], figures["bit"], figures["success_ratio"]) == ("pass", True, 1.0)
    assert figures["rate_achieved"] == pytest.approx(200, rel=0.05)
    assert figures["locust"] == {"num_requests": 200, "num_failures": 0}
    assert figures["ended_at"] - figures["started_at"] == pytest.approx(1.0, abs=0.3)
    assert len(receiver.requests) == 200


def test_arrivals_are_evenly_spaced_whatever_the_answers_do(receive: Any, loader: Any) -> None:
    load = loader.run(receive(stall_at=20, stall_s=0.4).url, 100, 100)
    lines = load.deliveries
    start = lines[0]["due_at"]
    assert [line["due_at"] - start for line in lines] == pytest.approx(
        [i / 100 for i in range(100)], abs=1e-4
    )
    assert load.figures["lateness_ms"]["p50"] < 50
    assert load.figures["bit"] is True


def test_messages_carry_signatures_that_svix_verifies(receive: Any, loader: Any) -> None:
    receiver = receive()
    loader.run(receiver.url, 20, 100)
    webhook = svix.Webhook(loader.secret)
    for request in receiver.requests:
        webhook.verify(request.body, request.headers)
    users = {json.loads(request.body)["data"]["id"] for request in receiver.requests}
    assert users == {f"user_{i}" for i in range(20)}
    assert {request.headers["svix-id"] for request in receiver.requests} == {
        f"msg_{i}" for i in range(20)
    }
    assert receiver.requests[0].headers["content-type"] == "application/json"


def test_a_stall_shows_in_the_latency_from_the_intended_start(receive: Any, loader: Any) -> None:
    """The coordinated omission: with four in flight the service sees four slow requests only."""
    load = loader.run(receive(stall_at=100, stall_s=1.0).url, 400, 200, max_in_flight=4)
    assert accounted(load, 400) == {"204": 400}
    figures = load.figures
    assert figures["service_ms"]["p50"] < 50
    assert figures["service_ms"]["p95"] < 200
    assert figures["ack_ms"]["p95"] > 500
    assert figures["ack_ms"]["p99"] > 800
    assert figures["lateness_ms"]["max"] > 800
    assert 0 < figures["held_back"] < 400
    assert any(line["late"] for line in load.deliveries)


def test_refusals_are_counted_by_status_and_violate_the_threshold(
    receive: Any, loader: Any
) -> None:
    receiver = receive(answer=lambda request: 503 if request.number % 10 == 0 else 200)
    load = loader.run(receiver.url, 100, 200)
    assert load.code == 1
    assert load.figures["refused"] == {"503": 10}
    assert load.figures["locust"] == {"num_requests": 100, "num_failures": 10}
    assert load.out == "fail: 10 of 100 were not acknowledged: success 0.9000, wanted 0.99\n"
    assert accounted(load, 100) == {"200": 90, "503": 10}


def test_a_redirect_is_a_refusal_and_is_not_followed(receive: Any, loader: Any) -> None:
    load = loader.run(receive(answer=lambda _: 307).url, 10, 100)
    assert (load.code, load.figures["refused"]) == (1, {"307": 10})


def test_a_slow_acknowledgement_violates_the_threshold(receive: Any, loader: Any) -> None:
    load = loader.run(receive().url, 50, 100, thresholds={"ack_p95_ms": 0.001})
    assert load.code == 1
    assert "wanted < 0.001 ms" in load.out


def test_a_threshold_can_be_loosened(receive: Any, loader: Any) -> None:
    receiver = receive(answer=lambda request: 500 if request.number == 0 else 200)
    load = loader.run(receiver.url, 20, 100, thresholds={"success_ratio": 0.9, "ack_p95_ms": 5000})
    assert load.code == 0


def test_connections_that_are_reset_are_counted(receive: Any, loader: Any) -> None:
    load = loader.run(receive(answer=lambda _: "reset").url, 50, 200)
    assert load.code == 1
    assert load.figures["errors"] == {"reset": 50}
    assert accounted(load, 50) == {"reset": 50}


def test_a_server_that_is_not_there_is_counted(loader: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    load = loader.run(f"http://127.0.0.1:{port}/", 20, 200)
    assert (load.code, load.figures["errors"]) == (1, {"connect": 20})
    assert load.figures["ack_ms"]["p95"] is None


def test_a_server_that_never_answers_ends_in_timeouts(receive: Any, loader: Any) -> None:
    load = loader.run(receive(answer=lambda _: None).url, 40, 200, timeout_s=0.3)
    assert load.code == 1
    assert accounted(load, 40) == {"timeout": 40}


def test_a_load_against_silence_is_bounded_in_time(receive: Any, loader: Any) -> None:
    """Two in flight and silence: forty messages would take six seconds, patience ends sooner."""
    load = loader.run(receive(answer=lambda _: None).url, 40, 200, timeout_s=0.3, max_in_flight=2)
    became = accounted(load, 40)
    assert became["timeout"] >= 2
    assert became["not_sent"] > 0
    figures = load.figures
    assert figures["ended_at"] - figures["started_at"] < 3
    assert (load.code, figures["bit"]) == (1, False)


def test_a_rate_that_cannot_be_reached_is_unknown(receive: Any, loader: Any) -> None:
    load = loader.run(receive().url, 3000, 1_000_000)
    assert accounted(load, 3000) == {"204": 3000}
    assert load.code == 2
    assert load.out.startswith("unknown: the load did not reach its rate: sent")
    assert load.figures["bit"] is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_load_writes_what_it_has(receive: Any, loader: Any, number: int) -> None:
    receiver = receive()
    process = loader.start(loader.plan(receiver.url, 5000, 50))
    eventually(lambda: len(receiver.requests) > 5, within=20)
    process.send_signal(number)
    load = loader.end(process)
    became = accounted(load, 5000)
    assert became["204"] > 5
    assert became["not_sent"] > 4000
    assert load.code == 2
    assert "were never sent" in load.out


def test_a_load_that_is_stopped_while_the_server_is_silent_ends_at_once(
    receive: Any, loader: Any
) -> None:
    receiver = receive(answer=lambda _: None)
    process = loader.start(loader.plan(receiver.url, 20, 100, timeout_s=300))
    eventually(lambda: len(receiver.requests) == 20, within=20)
    process.terminate()
    load = loader.end(process)
    assert accounted(load, 20) == {"stopped": 20}
    assert (load.code, load.figures["bit"]) == (2, False)


def test_the_loop_keeps_its_pace_beside_gevent(receive: Any, loader: Any) -> None:
    figures = loader.run(receive().url, 1000, 1000).figures
    assert figures["rate_achieved"] > 950
    assert figures["lateness_ms"]["p50"] < 20
