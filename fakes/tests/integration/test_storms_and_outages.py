"""Everything at once, and nothing for a while."""

import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import attempts, settle

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver, Reply


@pytest.fixture
def endpoint(control: httpx.Client, receiver: "Receiver") -> str:
    control.put("/delivery-schedule", json={"delays_s": [0, 5, 300], "jitter": 0})
    return control.post("/endpoints", json={"url": receiver.url}).raise_for_status().json()["id"]


@pytest.fixture
def books(receiver: "Receiver", instance: "InstanceInfo", endpoint: str) -> Books:
    assert endpoint
    return commit_what_verifies(receiver, instance.webhook_secret)


def test_a_storm_sends_all_of_the_last_hours_again_at_once(
    control: httpx.Client, books: Books
) -> None:
    older = emit(control, 3)
    settle(control)
    control.post("/clock/advance", json={"seconds": 5 * 3600})
    younger = emit(control, 40)
    settle(control)

    fault = set_fault(control, "replay_storm", hours=4)
    settle(control)

    assert sorted(books.committed) == sorted(older + younger)
    assert sorted(books.repeated) == sorted(younger)
    assert (fault["state"], fault["matched"], fault["fired"]) == ("spent", 40, 40)
    assert {each["trigger"] for each in attempts(control)[-40:]} == {"manual"}


def test_a_storm_keeps_to_event_types_and_endpoints(
    control: httpx.Client, receiver: "Receiver", books: Books, endpoint: str
) -> None:
    control.post("/endpoints", json={"url": f"{receiver.url}/other"})
    emit(control, 2)
    deleted = emit(control, 2, "user.deleted")
    settle(control)
    books.repeated.clear()

    fault = set_fault(control, "replay_storm", event_types=["*.deleted"], endpoint_id=endpoint)
    settle(control)

    assert sorted(books.repeated) == sorted(deleted)
    assert fault["fired"] == 2


def test_a_storm_over_nothing_has_not_fired(control: httpx.Client, books: Books) -> None:
    assert set_fault(control, "replay_storm")["fired"] == 0
    assert books.committed == []


def test_an_outage_keeps_everything_back_until_it_is_healed(
    control: httpx.Client, books: Books, endpoint: str
) -> None:
    before = emit(control)
    settle(control)
    fault = set_fault(control, "endpoint_outage")

    missed = emit(control, 5)

    (told,) = control.get("/endpoints").json()["data"]
    assert told["disabled"] is True
    assert counts(control, fault) == (5, 5)
    assert books.committed == before
    control.delete(f"/faults/{fault['id']}")
    settle(control)
    assert sorted(books.committed) == sorted(before + missed)
    assert books.repeated == []
    (told,) = control.get("/endpoints").json()["data"]
    assert (told["id"], told["disabled"]) == (endpoint, False)


def test_what_was_being_retried_when_the_outage_began_is_sent_after_it(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    commit = receiver.answer
    receiver.answer = lambda _delivered: 500
    failing = emit(control, 2)
    eventually(lambda: len(attempts(control)) == 2, within=5)
    receiver.answer = commit

    fault = set_fault(control, "endpoint_outage")
    assert counts(control, fault) == (2, 2)
    assert control.get("/deliveries").json()["pending"] == 0
    control.delete(f"/faults/{fault['id']}")
    settle(control)

    assert sorted(books.committed) == sorted(failing)


def test_what_arrives_in_spite_of_the_outage_is_not_sent_again(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    go_on, commit = threading.Event(), receiver.answer

    def answer(delivered: "Delivered") -> "int | Reply":
        go_on.wait(10)
        return commit(delivered)

    receiver.answer = answer
    sent = emit(control)
    eventually(lambda: receiver.received, within=5)
    fault = set_fault(control, "endpoint_outage")
    go_on.set()
    eventually(lambda: attempts(control), within=5)

    control.delete(f"/faults/{fault['id']}")
    settle(control)

    assert (books.committed, books.repeated) == (sent, [])


def test_an_outage_ends_on_the_instances_clock(control: httpx.Client, books: Books) -> None:
    control.put("/clock", json={"frozen": True})
    fault = set_fault(control, "endpoint_outage", duration_s=3600)
    missed = emit(control, 3)

    control.post("/clock/advance", json={"seconds": 3600})
    settle(control)

    assert sorted(books.committed) == sorted(missed)
    assert control.get(f"/faults/{fault['id']}").json()["state"] == "expired"
    later = emit(control)
    settle(control)
    assert books.committed[-1:] == later


def test_an_outage_of_one_endpoint_is_none_of_the_others(
    control: httpx.Client, receiver: "Receiver", books: Books, endpoint: str
) -> None:
    control.post(
        "/endpoints", json={"url": f"{receiver.url}/other", "event_types": ["user.created"]}
    )
    fault = set_fault(control, "endpoint_outage", endpoint_id=endpoint)

    created, deleted = emit(control), emit(control, 1, "user.deleted")
    settle(control)

    assert books.committed == created
    assert counts(control, fault) == (2, 2)
    control.delete(f"/faults/{fault['id']}")
    settle(control)
    assert (books.committed, books.repeated) == (created + deleted, created)


def test_an_endpoint_that_was_disabled_before_the_outage_stays_so(
    control: httpx.Client, books: Books, endpoint: str
) -> None:
    control.patch(f"/endpoints/{endpoint}", json={"disabled": True})
    fault = set_fault(control, "endpoint_outage")

    emit(control)
    control.delete(f"/faults/{fault['id']}")

    (told,) = control.get("/endpoints").json()["data"]
    assert told["disabled"] is True
    assert books.committed == []
