"""Signatures, keys and timestamps that a receiver must refuse, and some that it must not."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import attempts, settle
from svix.webhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver


@pytest.fixture
def endpoint(control: httpx.Client, receiver: "Receiver") -> str:
    control.put("/delivery-schedule", json={"delays_s": [0, 0.05, 0.05], "jitter": 0})
    return control.post("/endpoints", json={"url": receiver.url}).raise_for_status().json()["id"]


@pytest.fixture
def books(receiver: "Receiver", instance: "InstanceInfo", endpoint: str) -> Books:
    assert endpoint
    return commit_what_verifies(receiver, instance.webhook_secret)


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        ("wrong_signature", {}, "No matching signature found"),
        ("old_key", {}, "No matching signature found"),
        ("unknown_version", {}, "No matching signature found"),
        ("stale_timestamp", {}, "Message timestamp too old"),
        ("stale_timestamp", {"age_s": 302}, "Message timestamp too old"),
        ("clock_skew", {"skew_s": -310}, "Message timestamp too old"),
        ("clock_skew", {"skew_s": 310}, "Message timestamp too new"),
    ],
    ids=["wrong", "old-key", "unknown", "stale", "just-stale", "far-behind", "far-ahead"],
)
def test_what_must_be_refused_is_refused_and_arrives_with_the_next_attempt(
    control: httpx.Client, books: Books, kind: str, said: dict[str, Any], why: str
) -> None:
    fault = set_fault(control, kind, times=1, **said)

    (sent,) = emit(control)
    settle(control)

    assert books.refused == [why]
    assert books.committed == [sent]
    assert [attempt["status"] for attempt in attempts(control)] == [400, 200]
    assert counts(control, fault) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("clock_skew", {"skew_s": -290}),
        ("clock_skew", {"skew_s": 290}),
        ("multiple_signatures", {}),
        ("multiple_signatures", {"wrong": 20, "unknown": 20}),
        ("mid_flight_rotation", {}),
    ],
    ids=["behind", "ahead", "among-others", "among-many", "rotated"],
)
def test_what_must_be_taken_is_taken_at_once(
    control: httpx.Client, books: Books, kind: str, said: dict[str, Any]
) -> None:
    fault = set_fault(control, kind, **said)

    (sent,) = emit(control)
    settle(control)

    assert (books.committed, books.refused) == ([sent], [])
    assert counts(control, fault) == (1, 1)


def test_the_timestamp_is_shifted_and_signed_as_it_is(
    control: httpx.Client, receiver: "Receiver", books: Books, instance: "InstanceInfo"
) -> None:
    set_fault(control, "clock_skew", skew_s=-3600, times=1)

    emit(control)
    settle(control)

    delivered = receiver.received[0]
    assert abs(int(delivered.headers["svix-timestamp"]) - (time.time() - 3600)) < 60
    assert delivered.headers["svix-signature"] == _right_signature(delivered, instance)
    assert len(books.committed) == 1


def _right_signature(delivered: "Delivered", instance: "InstanceInfo") -> str:
    headers = delivered.headers
    moment = datetime.fromtimestamp(int(headers["svix-timestamp"]), UTC)
    signer = Webhook(instance.webhook_secret)
    return str(signer.sign(headers["svix-id"], moment, delivered.body.decode()))


def _signatures(receiver: "Receiver", place: int = 0) -> list[str]:
    return receiver.received[place].headers["svix-signature"].split()


def test_a_wrong_signature_looks_like_a_right_one(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    set_fault(control, "wrong_signature", times=1)

    emit(control)
    settle(control)

    (wrong,), (right,) = _signatures(receiver, 0), _signatures(receiver, 1)
    told = [attempt["request_headers"]["svix-signature"] for attempt in attempts(control)]
    assert told == [wrong, right]
    assert wrong != right
    assert wrong.startswith("v1,")
    assert len(wrong) == len(right)
    assert len(books.refused) == 1


def test_an_unknown_version_is_the_only_one(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    set_fault(control, "unknown_version", times=1, version="v7x")

    emit(control)
    settle(control)

    assert [each.partition(",")[0] for each in _signatures(receiver)] == ["v7x"]
    assert len(books.committed) == 1


def test_the_place_of_the_valid_signature_is_drawn_and_the_seed_repeats_it(
    control: httpx.Client, receiver: "Receiver", books: Books, instance: "InstanceInfo"
) -> None:
    def places(seed: int) -> list[int]:
        fault = set_fault(control, "multiple_signatures", wrong=2, unknown=2, seed=seed)
        before = len(receiver.received)
        for _ in range(8):
            emit(control)
            settle(control)
        control.delete(f"/faults/{fault['id']}")
        return [_place_of_valid(each, instance) for each in receiver.received[before:]]

    first = places(3)

    assert len(set(first)) > 1
    assert places(3) == first
    assert places(4) != first
    assert len(books.committed) == 24


def _place_of_valid(delivered: "Delivered", instance: "InstanceInfo") -> int:
    entries = delivered.headers["svix-signature"].split()
    assert len(entries) == 5
    return entries.index(_right_signature(delivered, instance))


def test_an_old_key_is_one_that_the_endpoint_had_if_it_had_one(
    control: httpx.Client, receiver: "Receiver", endpoint: str, instance: "InstanceInfo"
) -> None:
    old = Webhook(instance.webhook_secret)
    control.post(f"/endpoints/{endpoint}/rotate-secret", json={"grace_s": 3600}).raise_for_status()
    control.post("/clock/advance", json={"seconds": 3601})
    fault = set_fault(control, "old_key", times=1)

    emit(control, 2)
    settle(control)

    first, second = receiver.received
    old.verify(first.body, first.headers)
    with pytest.raises(WebhookVerificationError):
        old.verify(second.body, second.headers)
    assert counts(control, fault) == (1, 1)


def test_a_rotation_in_mid_flight_with_grace_is_noticed_by_nobody(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "mid_flight_rotation", at=2)

    sent = []
    for _ in range(4):
        sent += emit(control)
        settle(control)

    assert (books.committed, books.refused) == (sent, [])
    assert [len(_signatures(receiver, place)) for place in range(4)] == [1, 1, 2, 2]
    assert counts(control, fault) == (4, 1)
    control.delete(f"/faults/{fault['id']}")
    sent += emit(control)
    settle(control)
    assert books.committed == sent


def test_a_rotation_without_grace_shuts_out_who_has_the_old_secret_until_it_is_healed(
    control: httpx.Client, books: Books
) -> None:
    fault = set_fault(control, "mid_flight_rotation", grace_s=0)

    in_flight, shut_out = emit(control), emit(control)
    settle(control)
    assert books.committed == in_flight
    assert len(books.refused) == 3
    control.delete(f"/faults/{fault['id']}")
    control.post(f"/messages/{shut_out[0]}/resend", json={})
    later = emit(control)
    settle(control)

    assert sorted(books.committed) == sorted(in_flight + shut_out + later)


def test_an_endpoint_with_ten_old_secrets_is_rotated_in_mid_flight_all_the_same(
    control: httpx.Client, receiver: "Receiver", endpoint: str
) -> None:
    for _ in range(10):
        control.post(f"/endpoints/{endpoint}/rotate-secret", json={}).raise_for_status()
    fault = set_fault(control, "mid_flight_rotation")

    for _ in range(2):
        emit(control)
        settle(control)

    before, after = (set(_signatures(receiver, place)) for place in range(2))
    assert (len(before), len(after)) == (11, 11)
    assert counts(control, fault) == (2, 1)
    assert control.delete(f"/faults/{fault['id']}").status_code == 200


def test_a_rotation_that_was_to_come_later_has_not_fired(
    control: httpx.Client, books: Books
) -> None:
    fault = set_fault(control, "mid_flight_rotation", at=3)

    emit(control, 2)
    settle(control)

    assert counts(control, fault) == (2, 0)
    assert len(books.committed) == 2
