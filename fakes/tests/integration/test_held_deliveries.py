"""Messages that are late, overtake each other or come all at once."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import settle
from servers import running

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver


@pytest.fixture
def books(control: httpx.Client, receiver: "Receiver", instance: "InstanceInfo") -> Books:
    control.put("/delivery-schedule", json={"delays_s": [0, 0.05, 0.05], "jitter": 0})
    control.post("/endpoints", json={"url": receiver.url}).raise_for_status()
    return commit_what_verifies(receiver, instance.webhook_secret)


def _orders(control: httpx.Client, books: Books, seed: int) -> list[list[int]]:
    """The order of two windows of eight, as places in the order of their emission."""
    fault = set_fault(control, "reorder", window=8, wait_s=3600, seed=seed)
    orders = []
    for _ in range(2):
        books.committed.clear()
        sent = emit(control, 8)
        settle(control)
        orders.append([sent.index(each) for each in books.committed])
    control.delete(f"/faults/{fault['id']}")
    return orders


def test_a_full_window_goes_out_in_another_order_which_the_seed_repeats(
    control: httpx.Client, books: Books
) -> None:
    first = _orders(control, books, 5)

    assert [sorted(order) for order in first] == [list(range(8))] * 2
    assert first[0] != first[1]
    assert list(range(8)) not in first
    assert _orders(control, books, 5) == first
    assert _orders(control, books, 6) != first


def test_a_reordered_window_goes_out_one_after_the_other(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    under_way, most, lock = 0, 0, threading.Lock()
    commit = receiver.answer

    def answer(delivered: "Delivered") -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        status = commit(delivered)
        with lock:
            under_way -= 1
        return status

    receiver.answer = answer
    fault = set_fault(control, "reorder", window=16, wait_s=3600)

    sent = emit(control, 16)
    settle(control)

    assert sorted(books.committed) == sorted(sent)
    assert most == 1
    matched, fired = counts(control, fault)
    assert matched == 16
    assert 2 <= fired <= 16


def test_a_message_that_waits_alone_goes_out_in_time_and_nothing_was_reordered(
    control: httpx.Client, books: Books
) -> None:
    fault = set_fault(control, "reorder", window=2, wait_s=0.05)

    (sent,) = emit(control)
    settle(control)

    assert books.committed == [sent]
    assert counts(control, fault) == (1, 0)


def test_windows_of_different_endpoints_do_not_mix(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    control.post("/endpoints", json={"url": f"{receiver.url}/other"})
    set_fault(control, "reorder", window=2, wait_s=3600)

    first = emit(control)
    assert control.get("/deliveries").json()["pending"] == 2
    second = emit(control)
    settle(control)

    assert books.committed == books.repeated == second + first


def test_what_is_held_goes_out_when_the_fault_is_healed_or_spent(
    control: httpx.Client, books: Books
) -> None:
    held = set_fault(control, "reorder", window=16, wait_s=3600)
    sent = emit(control, 3)
    assert books.committed == []
    control.delete(f"/faults/{held['id']}")
    settle(control)
    assert sorted(books.committed) == sorted(sent)

    set_fault(control, "reorder", window=16, wait_s=3600, times=2)
    sent += emit(control, 3)
    settle(control)
    assert sorted(books.committed) == sorted(sent)


@pytest.mark.parametrize("kind", ["burst", "reorder"])
def test_a_spent_fault_does_not_wait_for_more(
    control: httpx.Client, books: Books, kind: str
) -> None:
    set_fault(control, kind, wait_s=3600, times=3)

    sent = emit(control, 3)
    settle(control)

    assert sorted(books.committed) == sorted(sent)


def test_a_burst_holds_more_than_a_lane_is_wide_and_lets_them_go_at_once(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    all_there = threading.Barrier(40, timeout=10)
    commit = receiver.answer

    def answer(delivered: "Delivered") -> int:
        all_there.wait()
        return commit(delivered)

    receiver.answer = answer
    fault = set_fault(control, "burst", size=40, wait_s=3600)

    sent = emit(control, 39)
    assert receiver.received == []
    assert control.get("/deliveries").json()["pending"] == 39
    sent += emit(control)
    settle(control)

    assert sorted(books.committed) == sorted(sent)
    assert counts(control, fault) == (40, 40)


def test_a_burst_that_does_not_fill_goes_out_in_time(control: httpx.Client, books: Books) -> None:
    fault = set_fault(control, "burst", size=1000, wait_s=0.3)

    sent = emit(control, 3)
    settle(control)

    assert sorted(books.committed) == sorted(sent)
    assert counts(control, fault) == (3, 3)


def test_a_burst_of_one_is_none(control: httpx.Client, books: Books) -> None:
    fault = set_fault(control, "burst", size=2, wait_s=0.05)

    emit(control)
    settle(control)

    assert len(books.committed) == 1
    assert counts(control, fault) == (1, 0)


def test_what_is_held_goes_out_when_its_fault_expires(control: httpx.Client, books: Books) -> None:
    control.put("/clock", json={"frozen": True})
    set_fault(control, "burst", size=1000, wait_s=3600, duration_s=60)
    sent = emit(control, 3)

    control.post("/clock/advance", json={"seconds": 60})
    settle(control)

    assert sorted(books.committed) == sorted(sent)


def test_a_fault_expires_in_real_time_as_well_although_nothing_is_sent(
    control: httpx.Client, books: Books
) -> None:
    set_fault(control, "burst", size=1000, wait_s=3600, duration_s=0.3)
    sent = emit(control, 3)

    settle(control)

    assert sorted(books.committed) == sorted(sent)


def test_a_delayed_message_comes_when_the_instances_clock_says_so(
    control: httpx.Client, books: Books
) -> None:
    control.put("/clock", json={"frozen": True})
    fault = set_fault(control, "delay", delay_s=600)

    (sent,) = emit(control)

    now = control.get("/clock").json()["now_ms"]
    eventually(
        lambda: (
            control.get("/deliveries").json() == {"pending": 1, "next_attempt_at": now + 600_000}
        ),
        within=5,
    )
    control.post("/clock/advance", json={"seconds": 599})
    assert control.get("/attempts").json()["data"] == []
    control.post("/clock/advance", json={"seconds": 1})
    settle(control)
    assert books.committed == [sent]
    assert counts(control, fault) == (1, 1)
    assert len(control.get("/attempts").json()["data"]) == 1


def test_delayed_messages_hold_up_no_others(control: httpx.Client, books: Books) -> None:
    set_fault(control, "delay", delay_s=3600, event_types=["user.deleted"])

    emit(control, 30, "user.deleted")
    sent = emit(control, 3)

    eventually(lambda: control.get("/deliveries").json()["pending"] == 30, within=10)
    assert sorted(books.committed) == sorted(sent)


def test_delayed_messages_come_at_once_when_the_fault_is_healed(
    control: httpx.Client, books: Books
) -> None:
    fault = set_fault(control, "delay", delay_s=3600, jitter_s=60)
    sent = emit(control, 20)
    eventually(lambda: counts(control, fault) == (20, 20), within=5)

    control.delete(f"/faults/{fault['id']}")
    settle(control)

    assert sorted(books.committed) == sorted(sent)


def test_a_server_that_stops_lets_go_what_is_held(receiver: "Receiver", tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path / "state")) as server:
        books = commit_what_verifies(receiver, server.ready["webhook_secret"])
        server.ask("POST", "…/endpoints", {"url": receiver.url}).raise_for_status()
        held = {"seam": "delivery", "kind": "burst", "size": 1000, "wait_s": 3600}
        server.ask("POST", "…/faults", held).raise_for_status()
        event = {"type": "user.created", "data": {"id": "u1"}}
        sent = [server.ask("POST", "…/trigger", event).json()["id"] for _ in range(20)]
        assert receiver.received == []

        server.process.terminate()
        assert server.process.wait(timeout=10) == 0

    assert sorted(books.committed) == sorted(sent)


def test_a_server_that_stops_ends_an_outage(receiver: "Receiver", tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path / "state")) as server:
        server.ask("POST", "…/endpoints", {"url": receiver.url}).raise_for_status()
        outage = {"seam": "delivery", "kind": "endpoint_outage"}
        server.ask("POST", "…/faults", outage).raise_for_status()
        server.process.terminate()
        assert server.process.wait(timeout=10) == 0

    with running("--port", "0", "--state", str(tmp_path / "state")) as server:
        assert [each["disabled"] for each in server.get("…/endpoints")["data"]] == [False]
        assert server.get("…/faults") == {"data": []}
