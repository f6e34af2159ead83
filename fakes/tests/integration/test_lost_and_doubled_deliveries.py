"""Messages that come twice or not at all, and answers that are lost."""

from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import attempts, settle
from svix.webhooks import Webhook

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver


@pytest.fixture
def books(control: httpx.Client, receiver: "Receiver", instance: "InstanceInfo") -> Books:
    control.put("/delivery-schedule", json={"delays_s": [0, 0.05, 0.05], "jitter": 0})
    control.post("/endpoints", json={"url": receiver.url}).raise_for_status()
    return commit_what_verifies(receiver, instance.webhook_secret)


def test_an_identical_duplicate_is_the_same_to_the_byte(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "duplicate", copies=3)

    (sent,) = emit(control)
    settle(control)

    assert (books.committed, books.repeated) == ([sent], [sent] * 3)
    first, *copies = receiver.received
    assert copies == [first] * 3
    assert [attempt["status"] for attempt in attempts(control)] == [200]
    assert counts(control, fault) == (1, 1)


def test_a_fresh_duplicate_has_the_same_id_and_another_signature(
    control: httpx.Client, receiver: "Receiver", books: Books, instance: "InstanceInfo"
) -> None:
    set_fault(control, "duplicate", copies=2, signing="fresh")

    (sent,) = emit(control)
    settle(control)

    assert (books.committed, books.repeated, books.refused) == ([sent], [sent] * 2, [])
    headers = [delivered.headers for delivered in receiver.received]
    assert {each["svix-id"] for each in headers} == {sent}
    assert len({each["svix-signature"] for each in headers}) == 3
    times = [int(each["svix-timestamp"]) for each in headers]
    assert times == [times[0], times[0] + 1, times[0] + 2]
    for delivered in receiver.received:
        Webhook(instance.webhook_secret).verify(delivered.body, delivered.headers)


def test_a_message_that_was_refused_has_no_duplicate_and_the_fault_has_not_fired(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    receiver.answer = lambda _delivered: 500
    fault = set_fault(control, "duplicate")

    emit(control)
    settle(control)

    assert books.committed == []
    assert len(receiver.received) == 3
    assert counts(control, fault) == (3, 0)


def test_a_duplicate_that_is_refused_is_what_the_attempt_tells_of(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    assert books.committed == []
    receiver.answer = lambda _delivered: 200 if len(receiver.received) != 2 else 409
    set_fault(control, "duplicate", times=1)

    emit(control)
    settle(control)

    assert [attempt["status"] for attempt in attempts(control)] == [409, 200]
    assert len(receiver.received) == 3


def test_what_is_dropped_leaves_no_trace_but_a_message_that_was_given_up(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "drop", times=1)

    lost, arrived = emit(control, 2)
    settle(control)

    assert books.committed == [arrived]
    assert [attempt["message_id"] for attempt in attempts(control)] == [arrived]
    told = {each["id"]: each["status"] for each in control.get("/messages").json()["data"]}
    assert told == {lost: "exhausted", arrived: "delivered"}
    assert len(receiver.received) == 1
    assert counts(control, fault) == (1, 1)


def test_what_is_dropped_and_retried_looks_like_a_timeout_and_arrives_later(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    set_fault(control, "drop", retried=True, times=2)

    (sent,) = emit(control)
    settle(control)

    assert books.committed == [sent]
    assert len(receiver.received) == 1
    first, second, third = attempts(control)
    assert first["error"].startswith("timeout: ")
    assert second["error"].startswith("timeout: ")
    assert third["status"] == 200
    assert first["latency_ms"] < 1000


def test_what_is_dropped_after_it_was_acknowledged_looks_delivered_and_was_never_seen(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "drop_after_ack", status=202, times=1)

    lost, arrived = emit(control, 2)
    settle(control)

    assert books.committed == [arrived]
    statuses = {each["message_id"]: each["status"] for each in attempts(control)}
    assert statuses == {lost: 202, arrived: 200}
    told = {each["status"] for each in control.get("/messages").json()["data"]}
    assert told == {"delivered"}
    assert len(receiver.received) == 1
    assert counts(control, fault) == (1, 1)


def test_a_lost_acknowledgement_is_a_timeout_at_once_though_the_receiver_has_committed(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "ack_lost", times=1)

    (sent,) = emit(control)
    settle(control)

    assert (books.committed, books.repeated) == ([sent], [sent])
    first, second = attempts(control)
    assert (first["status"], second["status"]) == (None, 200)
    assert first["error"].startswith("timeout: ")
    assert first["latency_ms"] < 1000
    assert len(receiver.received) == 2
    assert counts(control, fault) == (1, 1)


def test_an_acknowledgement_that_never_was_cannot_be_lost(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    control.post("/endpoints", json={"url": "http://127.0.0.1:1/nobody"})
    fault = set_fault(control, "ack_lost", event_types=["user.deleted"])

    emit(control, event_type="user.deleted")
    settle(control)

    matched, fired = counts(control, fault)
    assert (matched, fired) == (6, 3)
    assert len(receiver.received) == 3
    errors = Counter(each["error"].partition(":")[0] for each in attempts(control))
    assert errors == {"timeout": 3, "connect": 3}
    assert len(books.committed) == 1
