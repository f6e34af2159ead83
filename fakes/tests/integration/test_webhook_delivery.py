from typing import TYPE_CHECKING

import httpx
import pytest
from clerk_backend_api import Clerk
from outgoing import attempts, settled, statuses, trigger
from svix.webhooks import Webhook

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver


def test_a_delivery_passes_the_official_verifier_and_carries_the_users_json(
    clerk: Clerk,
    bapi: httpx.Client,
    control: httpx.Client,
    instance: "InstanceInfo",
    receiver: "Receiver",
) -> None:
    control.post("/endpoints", json={"url": receiver.url}).raise_for_status()

    user = clerk.users.create(email_address=["ada@example.com"], first_name="Ada")

    (delivered,) = eventually(lambda: receiver.received, within=5)
    Webhook(instance.webhook_secret).verify(delivered.body, delivered.headers)
    event = delivered.event
    assert event["type"] == "user.created"
    assert event["object"] == "event"
    assert event["instance_id"] == instance.instance_id
    assert event["data"] == bapi.get(f"/users/{user.id}").json()
    assert event["event_attributes"]["http_request"]["client_ip"] == "127.0.0.1"
    assert "clerk-backend-api" in event["event_attributes"]["http_request"]["user_agent"]
    assert 0 <= event["timestamp"] - user.created_at < 5_000
    (message,) = control.get("/messages").json()["data"]
    assert message["payload"] == delivered.body.decode()
    assert message["id"] == delivered.headers["svix-id"]
    assert message["object_id"] == user.id


def test_every_change_is_one_message_in_the_order_of_commits(
    clerk: Clerk, control: httpx.Client, receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url})

    user = clerk.users.create(email_address=["ada@example.com"], external_id="e1")
    clerk.users.update(user_id=user.id, first_name="Ada")
    clerk.sessions.create(request={"user_id": user.id})
    clerk.users.delete(user_id=user.id)

    messages = control.get("/messages").json()["data"]
    assert [message["event_type"] for message in messages] == [
        "user.created", "user.updated", "session.created", "session.revoked", "user.deleted",
    ]  # fmt: skip
    assert [message["seq"] for message in messages] == [1, 2, 3, 4, 5]
    eventually(lambda: settled(control), within=5)
    assert {delivered.event["type"] for delivered in receiver.received} == {
        message["event_type"] for message in messages
    }
    by_type = {delivered.event["type"]: delivered.event["data"] for delivered in receiver.received}
    assert by_type["user.deleted"] == {
        "deleted": True, "id": user.id, "object": "user", "external_id": "e1",
    }  # fmt: skip
    assert by_type["session.created"]["user"]["id"] == user.id


def test_a_refused_message_is_tried_again_when_the_clock_says_so(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"jitter": 0})
    control.put("/clock", json={"frozen": True})
    control.post("/endpoints", json={"url": receiver.url})
    receiver.answer = lambda _delivered: 500 if len(receiver.received) < 3 else 204

    trigger(control)

    (first,) = eventually(lambda: attempts(control), within=5)
    assert (first["status"], first["number"], first["error"]) == (500, 1, None)
    assert first["response_body"] == "ok"
    now = control.get("/clock").json()["now_ms"]
    assert first["next_attempt_at"] == now + 5_000
    assert control.get("/deliveries").json() == {"pending": 1, "next_attempt_at": now + 5_000}
    control.post("/clock/advance", json={"seconds": 4.999})
    assert len(attempts(control)) == 1
    control.post("/clock/advance", json={"seconds": 0.001})
    eventually(lambda: len(attempts(control)) == 2, within=5)
    control.post("/clock/advance", json={"seconds": 300})
    eventually(lambda: settled(control), within=5)
    assert [attempt["status"] for attempt in attempts(control)] == [500, 500, 204]
    assert statuses(control) == ["delivered"]
    assert len({delivered.headers["svix-id"] for delivered in receiver.received}) == 1
    assert len({delivered.body for delivered in receiver.received}) == 1


def test_one_turn_of_the_clock_walks_the_whole_schedule(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"jitter": 0})
    control.post("/endpoints", json={"url": receiver.url})
    receiver.answer = lambda _delivered: 503
    trigger(control)
    eventually(lambda: len(attempts(control)) == 1, within=5)

    control.post("/clock/advance", json={"seconds": 99_305 - 10})

    eventually(lambda: len(attempts(control)) == 7, within=5)
    assert statuses(control) == ["pending"]
    control.post("/clock/advance", json={"seconds": 11})
    eventually(lambda: settled(control), within=5)
    assert [attempt["number"] for attempt in attempts(control)] == list(range(1, 9))
    assert attempts(control)[-1]["next_attempt_at"] is None
    assert statuses(control) == ["exhausted"]


def test_deliveries_stay_verifiable_when_the_clock_is_far_ahead(
    control: httpx.Client, instance: "InstanceInfo", receiver: "Receiver"
) -> None:
    control.post("/clock/advance", json={"seconds": 30 * 24 * 3600})
    control.post("/endpoints", json={"url": receiver.url})

    trigger(control)

    (delivered,) = eventually(lambda: receiver.received, within=5)
    Webhook(instance.webhook_secret).verify(delivered.body, delivered.headers)


def test_a_receiver_that_is_not_there_is_an_attempt_with_an_error(control: httpx.Client) -> None:
    control.post("/endpoints", json={"url": "http://127.0.0.1:1/nobody"})

    trigger(control)

    (attempt,) = eventually(lambda: attempts(control), within=5)
    assert attempt["status"] is None
    assert str(attempt["error"]).startswith("connect: 127.0.0.1:1 cannot be reached")
    assert attempt["next_attempt_at"] is not None


def test_a_receiver_that_does_not_answer_in_time_is_an_attempt_with_an_error(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0], "timeout_s": 0.05})
    control.post("/endpoints", json={"url": receiver.url})

    def answer_late(_delivered: "Delivered") -> int:
        eventually(lambda: attempts(control), within=5)
        return 200

    receiver.answer = answer_late

    trigger(control)

    (attempt,) = eventually(lambda: attempts(control), within=5)
    assert attempt["error"] == "timeout: no complete answer in time"
    assert statuses(control) == ["exhausted"]


def test_an_endpoint_gets_only_the_types_it_asked_for(
    clerk: Clerk, control: httpx.Client, receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url, "event_types": ["user.deleted"]})

    user = clerk.users.create(email_address=["ada@example.com"])
    clerk.users.delete(user_id=user.id)

    eventually(lambda: settled(control), within=5)
    assert statuses(control) == ["none", "delivered"]
    assert [delivered.event["type"] for delivered in receiver.received] == ["user.deleted"]


def test_what_is_emitted_while_an_endpoint_is_disabled_is_not_delivered_later(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    endpoint = control.post("/endpoints", json={"url": receiver.url}).json()
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": True})
    missed = trigger(control, 1)
    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": False})
    heard = trigger(control, 2)

    eventually(lambda: receiver.received and settled(control), within=5)

    assert [delivered.headers["svix-id"] for delivered in receiver.received] == [heard]
    control.post(f"/messages/{missed}/resend", json={"endpoint_id": endpoint["id"]})
    eventually(lambda: settled(control), within=5)
    assert [delivered.headers["svix-id"] for delivered in receiver.received] == [heard, missed]
    assert statuses(control) == ["delivered", "delivered"]


def test_what_is_pending_is_given_up_when_the_endpoint_is_disabled(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    endpoint = control.post("/endpoints", json={"url": receiver.url}).json()
    receiver.answer = lambda _delivered: 500
    message = trigger(control)
    eventually(lambda: attempts(control), within=5)

    control.patch(f"/endpoints/{endpoint['id']}", json={"disabled": True})

    assert control.get("/deliveries").json() == {"pending": 0, "next_attempt_at": None}
    assert statuses(control) == ["exhausted"]
    refused = control.post(f"/messages/{message}/resend")
    assert refused.status_code == 422


def test_a_resend_is_one_more_attempt_and_leaves_the_schedule_alone(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0, 5]})
    control.put("/clock", json={"frozen": True})
    control.post("/endpoints", json={"url": receiver.url})
    receiver.answer = lambda _delivered: 500
    message = trigger(control)
    eventually(lambda: attempts(control), within=5)
    due = control.get("/deliveries").json()["next_attempt_at"]

    control.post(f"/messages/{message}/resend")

    eventually(lambda: len(attempts(control)) == 2, within=5)
    assert control.get("/deliveries").json() == {"pending": 1, "next_attempt_at": due}
    receiver.answer = lambda _delivered: 200
    control.post(f"/messages/{message}/resend")
    eventually(lambda: settled(control), within=5)
    assert [attempt["number"] for attempt in attempts(control)] == [1, 2, 3]
    control.post("/clock/advance", json={"seconds": 60})
    assert statuses(control) == ["delivered"]
    assert len(attempts(control)) == 3


def test_each_endpoint_signs_with_its_own_secret_and_fails_for_itself(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    secret = "whsec_" + "QUJD" * 8
    control.post("/endpoints", json={"url": "http://127.0.0.1:1/"})
    control.post("/endpoints", json={"url": receiver.url, "secret": secret})

    trigger(control)

    (delivered,) = eventually(lambda: receiver.received, within=5)
    Webhook(secret).verify(delivered.body, delivered.headers)
    eventually(lambda: len(attempts(control)) == 2, within=5)
    assert statuses(control) == ["pending"]


@pytest.mark.parametrize("status", [301, 400, 410, 500])
def test_only_2xx_counts_as_delivered(
    control: httpx.Client, receiver: "Receiver", status: int
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    control.post("/endpoints", json={"url": receiver.url})
    receiver.answer = lambda _delivered: status

    trigger(control)

    eventually(lambda: attempts(control), within=5)
    assert statuses(control) == ["exhausted"]


def test_many_messages_arrive_once_each_and_start_in_order(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url})

    sent = [trigger(control, number) for number in range(200)]

    eventually(lambda: settled(control), within=10)
    arrived = [delivered.headers["svix-id"] for delivered in receiver.received]
    assert sorted(arrived) == sorted(sent)
    first_page = control.get("/attempts", params={"limit": 150}).json()
    second_page = control.get("/attempts", params={"after": first_page["next"]}).json()
    both = first_page["data"] + second_page["data"]
    assert [attempt["seq"] for attempt in both] == list(range(1, 201))
    assert second_page["next"] is None
    by_start = sorted(both, key=lambda attempt: attempt["started_at"])
    assert [attempt["message_id"] for attempt in by_start] == sent
    one = control.get("/attempts", params={"message_id": sent[7]}).json()["data"]
    assert [attempt["message_id"] for attempt in one] == [sent[7]]
