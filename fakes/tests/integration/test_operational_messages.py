"""What Svix tells the sender's own endpoints about deliveries and endpoints."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from outgoing import attempts, settle, statuses, trigger, turn
from svix.webhooks import Webhook

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver

STEPS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)


class Told:
    """The operational messages that arrived."""

    def __init__(self, receiver: "Receiver") -> None:
        self._receiver = receiver

    def messages(self) -> list[dict[str, Any]]:
        return [
            json.loads(each.body) for each in self._receiver.received if b'"appId"' in each.body
        ]

    def types(self) -> list[str]:
        return sorted(each["type"] for each in self.messages())

    def one(self, event_type: str) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [each for each in self.messages() if each["type"] == event_type]

        (message,) = eventually(found, within=5)
        data: dict[str, Any] = message["data"]
        return data


@pytest.fixture
def told(control: httpx.Client, receiver: "Receiver") -> Told:
    """The owner's endpoint, on a clock that stands still."""
    control.put("/delivery-schedule", json={"jitter": 0})
    control.put("/clock", json={"frozen": True})
    made = control.post("/operational-endpoints", json={"url": f"{receiver.url}/operational"})
    made.raise_for_status()
    return Told(receiver)


def _endpoint(control: httpx.Client, receiver: "Receiver", **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = control.post("/endpoints", json={"url": receiver.url} | fields).json()
    return made


def test_the_life_of_an_endpoint_is_told(
    control: httpx.Client, receiver: "Receiver", told: Told, instance: "InstanceInfo"
) -> None:
    made = _endpoint(control, receiver, uid="crm")
    path = f"/endpoints/{made['id']}"
    control.patch(path, json={"description": "CRM"})
    control.patch(path, json={"disabled": True})
    control.patch(path, json={"disabled": False})
    control.delete(path)

    expected = ["created", "updated", "updated", "updated", "disabled", "enabled", "deleted"]
    eventually(lambda: told.types() == sorted(f"endpoint.{what}" for what in expected), within=5)
    app_id = "app_" + instance.instance_id.removeprefix("ins_")
    for message in told.messages():
        data = message["data"]
        assert (data["appId"], data["endpointId"], data["endpointUid"]) == (
            app_id, made["id"], "crm",
        )  # fmt: skip
    assert told.one("endpoint.disabled")["trigger"] == "manual"
    for delivered in receiver.received:
        Webhook(instance.webhook_secret).verify(delivered.body, delivered.headers)


def test_the_fourth_failure_and_the_last_one_are_told(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    made = _endpoint(control, receiver)
    receiver.answer = lambda delivered: 200 if b'"appId"' in delivered.body else 500
    message_id = trigger(control)
    for number, step_s in enumerate(STEPS_S, 1):
        eventually(lambda number=number: len(attempts(control)) == number, within=5)
        turn(control, step_s)
    settle(control)

    failing = told.one("message.attempt.failing")
    exhausted = told.one("message.attempt.exhausted")
    tried = attempts(control)
    assert statuses(control) == ["exhausted"]
    for data, last in ((failing, tried[3]), (exhausted, tried[7])):
        assert (data["msgId"], data["endpointId"]) == (message_id, made["id"])
        assert data["lastAttempt"]["id"] == last["id"]
        assert data["lastAttempt"]["responseStatusCode"] == 500
    assert "message.attempt.recovered" not in told.types()


def test_a_success_after_that_is_told_and_an_early_one_is_not(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    _endpoint(control, receiver)

    def walk(failures: int, number: int) -> str:
        answers = iter([500] * failures)
        receiver.answer = lambda delivered: (
            200 if b'"appId"' in delivered.body else next(answers, 200)
        )
        message_id = trigger(control, number)
        for tried, step_s in enumerate(STEPS_S[:failures], 1):
            eventually(
                lambda tried=tried: len(attempts(control, message_id=message_id)) == tried,
                within=5,
            )
            turn(control, step_s)
        settle(control)
        return message_id

    walk(3, 1)
    recovered = walk(4, 2)

    assert told.one("message.attempt.recovered")["msgId"] == recovered
    assert told.one("message.attempt.failing")["msgId"] == recovered


def test_a_resend_that_arrives_recovers_a_message_that_was_given_up(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    _endpoint(control, receiver)
    receiver.answer = lambda delivered: 200 if b'"appId"' in delivered.body else 500
    message_id = trigger(control)
    settle(control)
    assert told.one("message.attempt.exhausted")["msgId"] == message_id
    receiver.answer = lambda _delivered: 200
    control.post(f"/messages/{message_id}/resend", json={})
    assert told.one("message.attempt.recovered")["msgId"] == message_id


def test_resends_that_fail_are_told_of_no_second_time(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0, 1, 1, 1, 60]})
    made = _endpoint(control, receiver)
    receiver.answer = lambda delivered: 200 if b'"appId"' in delivered.body else 500
    message_id = trigger(control)
    for number, pause_s in enumerate((1, 1, 1), 1):
        eventually(lambda number=number: len(attempts(control)) == number, within=5)
        turn(control, pause_s)
    eventually(lambda: len(attempts(control)) == 4, within=5)
    for number in (5, 7):  # once while it is pending, once after it was given up
        control.post(f"/messages/{message_id}/resend", json={})
        eventually(lambda number=number: len(attempts(control)) == number, within=5)
        turn(control, 60)
        settle(control)
    control.delete(f"/endpoints/{made['id']}")

    assert told.one("endpoint.deleted")
    attempted = [each for each in told.types() if each.startswith("message.attempt.")]
    assert attempted == ["message.attempt.exhausted", "message.attempt.failing"]


def test_an_endpoint_that_was_disabled_by_its_answers_is_told_of(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    _endpoint(control, receiver)
    receiver.answer = lambda delivered: 200 if b'"appId"' in delivered.body else 500
    for number in range(11):
        trigger(control, number)
        settle(control)
        turn(control, 12 * 3600)
    data = told.one("endpoint.disabled")
    assert data["trigger"] == "automatic"
    since = datetime.fromisoformat(data["failSince"])
    assert round(since.timestamp() * 1000) == attempts(control)[0]["timestamp"]


def test_operational_messages_are_none_of_clerks_events(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    made = _endpoint(control, receiver)
    assert told.one("endpoint.created")["endpointId"] == made["id"]
    assert control.get("/messages").json()["data"] == []
    assert control.get("/endpoints").json()["data"] == [made]
    assert len(control.get("/operational-endpoints").json()["data"]) == 1


def test_an_owner_may_ask_for_some_types_only(control: httpx.Client, receiver: "Receiver") -> None:
    url = f"{receiver.url}/operational"
    chosen = control.post(
        "/operational-endpoints", json={"url": url, "event_types": ["endpoint.deleted"]}
    )
    assert chosen.status_code == 201
    refused = control.post(
        "/operational-endpoints", json={"url": url, "event_types": ["user.created"]}
    )
    assert refused.status_code == 422
    made = _endpoint(control, receiver)
    control.delete(f"/endpoints/{made['id']}")
    assert Told(receiver).one("endpoint.deleted")["endpointId"] == made["id"]
    assert Told(receiver).types() == ["endpoint.deleted"]


def test_nobody_is_told_of_failures_at_the_owners_own_endpoint(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    receiver.answer = lambda _delivered: 500
    made = _endpoint(control, receiver)
    assert told.one("endpoint.created")["endpointId"] == made["id"]
    control.delete(f"/endpoints/{made['id']}")
    assert told.one("endpoint.deleted")["endpointId"] == made["id"]
    assert told.types() == ["endpoint.created", "endpoint.deleted"]


def test_a_reset_ends_what_the_owner_is_told(
    control: httpx.Client, receiver: "Receiver", told: Told
) -> None:
    control.post("/reset")
    assert control.get("/operational-endpoints").json()["data"] == []
    _endpoint(control, receiver)
    trigger(control)
    settle(control)
    assert told.messages() == []
