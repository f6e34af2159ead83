"""Sending again what did not arrive: one message, all that failed, all that is missing."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from outgoing import attempts, settle, statuses, trigger, turn

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Receiver


@pytest.fixture
def endpoint(control: httpx.Client, receiver: "Receiver") -> dict[str, Any]:
    """An endpoint that is tried once only, on a clock that stands still."""
    control.put("/delivery-schedule", json={"jitter": 0, "delays_s": [0]})
    control.put("/clock", json={"frozen": True})
    made: dict[str, Any] = control.post("/endpoints", json={"url": receiver.url}).json()
    return made


def _now(control: httpx.Client) -> int:
    return int(control.get("/clock").json()["now_ms"])


def _queue(control: httpx.Client, endpoint: dict[str, Any], what: str, **window: int) -> int:
    answer = control.post(f"/endpoints/{endpoint['id']}/{what}", json=window)
    assert answer.status_code == 202, answer.text
    return int(answer.json()["queued"])


def _failed(control: httpx.Client, receiver: "Receiver", *numbers: int) -> list[str]:
    receiver.answer = lambda _delivered: 500
    sent = [trigger(control, number) for number in numbers]
    settle(control)
    receiver.answer = lambda _delivered: 200
    receiver.received.clear()
    return sent


def test_recovering_sends_what_failed_since_then_and_nothing_else(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    _failed(control, receiver, 1)
    turn(control, 3600)
    since = _now(control)
    arrived = trigger(control, 2)
    settle(control)
    failed = _failed(control, receiver, 3, 4)

    assert _queue(control, endpoint, "recover", since=since) == 2

    settle(control)
    assert sorted(each.headers["svix-id"] for each in receiver.received) == sorted(failed)
    assert arrived not in failed
    assert statuses(control) == ["exhausted", "delivered", "delivered", "delivered"]
    assert [each["trigger"] for each in attempts(control)][-2:] == ["manual", "manual"]
    assert _queue(control, endpoint, "recover", since=since) == 0
    assert _queue(control, endpoint, "recover", until=since) == 1


def test_a_message_that_failed_often_is_recovered_once(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0, 5, 5]})
    receiver.answer = lambda _delivered: 500
    trigger(control)
    eventually(lambda: len(attempts(control)) == 1, within=5)
    turn(control, 10)
    settle(control)
    receiver.answer = lambda _delivered: 200

    assert _queue(control, endpoint, "recover") == 1
    settle(control)
    assert [each["number"] for each in attempts(control)] == [1, 2, 3, 4]


def test_replaying_sends_what_was_never_tried_and_is_wanted(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    path = f"/endpoints/{endpoint['id']}"
    before = trigger(control, 0)
    settle(control)
    turn(control, 60)
    since = _now(control)
    control.patch(path, json={"disabled": True})
    missed = [trigger(control, 1), trigger(control, 2, "user.deleted")]
    refused = control.post(f"{path}/replay-missing", json={"since": since})
    assert refused.status_code == 422
    control.patch(path, json={"disabled": False, "event_types": ["user.created"]})
    receiver.received.clear()

    assert _queue(control, endpoint, "replay-missing", since=since) == 1

    settle(control)
    assert [each.headers["svix-id"] for each in receiver.received] == missed[:1]
    assert _queue(control, endpoint, "replay-missing", since=since) == 0
    control.patch(path, json={"event_types": []})
    assert _queue(control, endpoint, "replay-missing") == 1
    settle(control)
    assert before not in {each.headers["svix-id"] for each in receiver.received}


def test_what_failed_is_not_missing_and_what_is_missing_has_not_failed(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    _failed(control, receiver, 1)
    assert _queue(control, endpoint, "replay-missing") == 0
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": True})
    trigger(control, 2)
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": False})
    assert _queue(control, endpoint, "recover") == 1
    assert _queue(control, endpoint, "replay-missing") == 1
    settle(control)
    assert statuses(control) == ["delivered", "delivered"]


def test_what_was_given_up_with_its_endpoint_is_found_again_by_one_of_both(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0, 3600]})
    receiver.answer = lambda _delivered: 500
    trigger(control, 1)
    eventually(lambda: attempts(control), within=5)
    control.put("/delivery-schedule", json={"delays_s": [3600]})  # this one waits at first, too
    trigger(control, 2)
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": True})
    receiver.answer = lambda _delivered: 200
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": False})

    queued = [_queue(control, endpoint, what) for what in ("recover", "replay-missing")]

    assert queued == [1, 1]
    settle(control)
    assert statuses(control) == ["delivered", "delivered"]


def test_a_failed_resend_leaves_the_schedule_as_it_was(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    control.put("/delivery-schedule", json={"delays_s": [0, 60, 60]})
    receiver.answer = lambda _delivered: 500
    message_id = trigger(control)
    eventually(lambda: attempts(control), within=5)
    due = control.get("/deliveries").json()["next_attempt_at"]

    control.post(f"/messages/{message_id}/resend", json={})

    eventually(lambda: len(attempts(control)) == 2, within=5)
    assert control.get("/deliveries").json() == {"pending": 1, "next_attempt_at": due}
    for number in (3, 4):
        turn(control, 60)
        eventually(lambda number=number: len(attempts(control)) == number, within=5)
    settle(control)
    assert [each["trigger"] for each in attempts(control)] == [
        "scheduled", "manual", "scheduled", "scheduled",
    ]  # fmt: skip


def test_resends_that_wait_are_given_up_with_their_endpoint(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    path = f"/endpoints/{endpoint['id']}"
    control.patch(path, json={"rate_limit": 1})
    message_id = trigger(control)
    settle(control)
    for _ in range(2):
        control.post(f"/messages/{message_id}/resend", json={})
    assert control.get("/deliveries").json()["pending"] == 2
    control.patch(path, json={"disabled": True})
    assert control.get("/deliveries").json() == {"pending": 0, "next_attempt_at": None}
    control.patch(path, json={"disabled": False, "rate_limit": None})
    assert statuses(control) == ["delivered"]
    assert len(receiver.received) == 1


def test_no_more_than_a_thousand_resends_of_a_message_may_wait(
    control: httpx.Client, endpoint: dict[str, Any]
) -> None:
    message_id = trigger(control)
    settle(control)
    held = control.get("/snapshot").json()
    assert [each["asked"] for each in held["deliveries"]] == [0]
    held["deliveries"][0]["asked"] = 1_001
    assert control.put("/snapshot", json=held).status_code == 422
    held["deliveries"][0]["asked"] = 1_000
    held["endpoints"][0]["rate_limit"] = 1
    control.put("/snapshot", json=held).raise_for_status()

    eventually(lambda: len(attempts(control)) == 2, within=5)
    path = f"/messages/{message_id}/resend"
    assert control.post(path, json={}).status_code == 202
    refused = control.post(path, json={"endpoint_id": endpoint["id"]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "limit_reached"


@pytest.mark.parametrize(
    "window", [{"since": "yesterday"}, {"since": -1}, {"from": 1}, {"until": 1.5}]
)
def test_a_window_that_is_none_is_refused(
    control: httpx.Client, endpoint: dict[str, Any], window: dict[str, Any]
) -> None:
    for what in ("recover", "replay-missing"):
        path = f"/endpoints/{endpoint['id']}/{what}"
        assert control.post(path, json=window).status_code == 422
        assert control.post(f"/endpoints/ep_none/{what}", json={}).status_code == 404
