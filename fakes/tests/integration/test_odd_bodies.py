"""Bodies that come slowly or end too soon."""

import time
from typing import TYPE_CHECKING

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import attempts, settle

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver


@pytest.fixture
def books(control: httpx.Client, receiver: "Receiver", instance: "InstanceInfo") -> Books:
    schedule = {"delays_s": [0, 0.05, 0.05], "jitter": 0, "timeout_s": 2}
    control.put("/delivery-schedule", json=schedule)
    control.post("/endpoints", json={"url": receiver.url}).raise_for_status()
    return commit_what_verifies(receiver, instance.webhook_secret)


def test_a_slow_body_arrives_whole_for_who_waits_for_it(
    control: httpx.Client, books: Books
) -> None:
    fault = set_fault(control, "slow_body", slices=5, pause_s=0.1)
    started = time.monotonic()

    (sent,) = emit(control)
    settle(control)

    assert time.monotonic() - started > 0.4
    assert (books.committed, books.refused) == ([sent], [])
    (attempt,) = attempts(control)
    assert attempt["status"] == 200
    assert attempt["latency_ms"] > 400
    assert counts(control, fault) == (1, 1)


def test_a_body_that_is_slower_than_the_sender_is_patient_is_a_timeout_and_retried(
    control: httpx.Client, books: Books
) -> None:
    set_fault(control, "slow_body", slices=2, pause_s=60, times=1)

    (sent,) = emit(control)
    settle(control)

    first, second = attempts(control)
    assert first["error"].startswith("timeout: ")
    assert second["status"] == 200
    assert books.committed == [sent]


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_truncated_body_is_never_whole_and_the_message_comes_again(
    control: httpx.Client, receiver: "Receiver", books: Books, share: float
) -> None:
    fault = set_fault(control, "truncated_body", body_share=share, times=1)

    (sent,) = emit(control)
    settle(control)

    assert books.committed == [sent]
    first, second = attempts(control)
    assert (first["status"], second["status"]) in {(None, 200), (400, 200)}
    eventually(lambda: len(receiver.received) == 2, within=5)  # it may read the cut one last
    cut, whole = sorted(receiver.received, key=lambda delivered: len(delivered.body))
    assert len(cut.body) == min(int(len(whole.body) * share), len(whole.body) - 1)
    assert cut.headers["content-length"] == whole.headers["content-length"]
    assert whole.body.startswith(cut.body)
    assert counts(control, fault) == (1, 1)
