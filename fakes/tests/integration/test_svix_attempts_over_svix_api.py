"""Attempts by Svix' official client: watched, filtered, counted, made again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from svix.api import Svix
from svix.api.background_task import BackgroundTaskListOptions
from svix.api.endpoint import EndpointGetStatsOptions, EndpointRecoverOptions
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError
from svix.api.message_attempt import (
    MessageAttemptListAttemptedMessagesOptions,
    MessageAttemptListByEndpointOptions,
    MessageAttemptListByMsgOptions,
    MessageAttemptResendOptions,
)
from svix.models import (
    BackgroundTaskStatus,
    BackgroundTaskType,
    BulkReplayIn,
    EndpointHeadersIn,
    EndpointIn,
    EndpointPatch,
    MessageIn,
    MessageStatus,
    MessageStatusText,
    RecoverIn,
    ReplayIn,
    StatusCodeClass,
)

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver

EVERYTHING_S = 100_000


@dataclass(frozen=True)
class App:
    """The app of this test's instance, whose clock stands, with one endpoint."""

    svix: Svix
    id: str
    endpoint: str
    control: httpx.Client
    receiver: "Receiver"

    def send(self, event_type: str = "user.created", **more: Any) -> str:
        wanted = MessageIn(event_type=event_type, payload={"type": event_type}, **more)
        return self.svix.message.create(self.id, wanted).id

    def settle(self, pending: int = 0) -> None:
        def settled() -> bool:
            return self.control.get("/deliveries").json()["pending"] == pending

        eventually(settled, within=5)

    def tried(self, times: int) -> None:
        eventually(lambda: len(self.control.get("/attempts").json()["data"]) == times, within=5)

    def advance(self, seconds: float) -> None:
        self.control.post("/clock/advance", json={"seconds": seconds}).raise_for_status()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.control.get("/clock").json()["now_ms"] / 1000, UTC)

    def answer(self, status: int) -> None:
        self.receiver.answer = lambda _delivered: status

    def attempts(self, **wanted: Any) -> list[str]:
        options = MessageAttemptListByEndpointOptions(**wanted)
        page = self.svix.message_attempt.list_by_endpoint(self.id, self.endpoint, options)
        return [attempt.msg_id for attempt in page.data]

    def messages(self, **wanted: Any) -> list[str]:
        options = MessageAttemptListAttemptedMessagesOptions(**wanted)
        page = self.svix.message_attempt.list_attempted_messages(self.id, self.endpoint, options)
        return [message.id for message in page.data]


@pytest.fixture
def app(svix: Svix, instance: "InstanceInfo", control: httpx.Client, receiver: "Receiver") -> App:
    control.put("/clock", json={"frozen": True}).raise_for_status()
    control.put("/delivery-schedule", json={"jitter": 0}).raise_for_status()
    endpoint = svix.endpoint.create(instance.instance_id, EndpointIn(url=receiver.url)).id
    return App(svix, instance.instance_id, endpoint, control, receiver)


def _refusal(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        ask()
    return refused.value.status_code, refused.value.code


def test_a_successful_attempt_tells_everything(app: App) -> None:
    message = app.send()
    app.settle()

    (attempt,) = app.svix.message_attempt.list_by_msg(
        app.id, message, MessageAttemptListByMsgOptions(with_content=True)
    ).data

    assert (attempt.status, attempt.status_text) == (
        MessageStatus.SUCCESS, MessageStatusText.SUCCESS,
    )  # fmt: skip
    assert (attempt.response, attempt.response_status_code) == ("ok", 200)
    assert (attempt.msg_id, attempt.endpoint_id, attempt.trigger_type) == (message, app.endpoint, 0)
    assert attempt.url == app.receiver.url
    assert attempt.timestamp == app.now()
    assert app.svix.message_attempt.get(app.id, message, attempt.id) == attempt
    (bare,) = app.svix.message_attempt.list_by_msg(app.id, message).data
    assert bare.response == "{}"


def test_how_a_message_stands_is_told_in_svix_numbers(app: App) -> None:
    app.answer(500)
    message = app.send()
    app.tried(1)

    def standing() -> tuple[MessageStatus, datetime | None]:
        page = app.svix.message_attempt.list_attempted_messages(app.id, app.endpoint)
        (told,) = page.data
        (destination,) = app.svix.message_attempt.list_attempted_destinations(app.id, message).data
        assert (destination.id, destination.status) == (app.endpoint, told.status)
        return told.status, told.next_attempt

    assert standing() == (MessageStatus.SENDING, app.now() + timedelta(seconds=5))
    app.advance(EVERYTHING_S)
    app.settle()
    assert standing() == (MessageStatus.FAIL, None)
    app.answer(200)
    app.svix.message_attempt.resend(app.id, message, app.endpoint)
    app.settle()
    assert standing() == (MessageStatus.SUCCESS, None)
    statuses = [each.status for each in app.svix.message_attempt.list_by_msg(app.id, message).data]
    assert statuses == [MessageStatus.SUCCESS] + 8 * [MessageStatus.FAIL]


def test_no_answer_is_status_zero_with_the_reason(app: App) -> None:
    app.svix.endpoint.patch(app.id, app.endpoint, EndpointPatch(url="http://127.0.0.1:1/"))
    message = app.send()
    app.tried(1)

    options = MessageAttemptListByMsgOptions(with_content=True)
    (attempt,) = app.svix.message_attempt.list_by_msg(app.id, message, options).data

    assert (attempt.response_status_code, attempt.status) == (0, MessageStatus.FAIL)
    assert attempt.response.startswith("connect: ")
    assert app.attempts(status_code_class=StatusCodeClass.CODE_NONE) == [message]


def test_attempts_are_found_by_status_class_type_channel_tag_and_time(app: App) -> None:
    begin = app.now()
    app.receiver.answer = lambda delivered: {"a": 200, "b": 404, "c": 503}[
        str(delivered.event["type"])
    ]
    sent = {}
    for name, channel in (("a", "red"), ("b", "red"), ("c", "blue")):
        app.advance(1)
        sent[name] = app.send(name, channels=[channel], tags=[f"tag-{name}"])
        app.tried(len(sent))
    a, b, c = sent.values()

    assert app.attempts() == [c, b, a]
    assert app.attempts(status=MessageStatus.SUCCESS) == [a]
    assert app.attempts(status=MessageStatus.FAIL) == [c, b]
    assert app.attempts(status_code_class=StatusCodeClass.CODE4XX) == [b]
    assert app.attempts(status_code_class=StatusCodeClass.CODE5XX) == [c]
    assert app.attempts(event_types=["a", "c"]) == [c, a]
    assert app.attempts(channel="red") == [b, a]
    assert app.attempts(tag="tag-b") == [b]
    assert app.attempts(before=begin + timedelta(seconds=3)) == [b, a]
    assert app.attempts(after=begin + timedelta(seconds=1)) == [c, b]
    assert app.messages(status=MessageStatus.SENDING) == [c, b]
    assert app.messages(status=MessageStatus.PENDING) == []
    assert app.messages(channel="red", event_types=["a"]) == [a]
    assert app.messages(tag="tag-c") == [c]
    options = MessageAttemptListByMsgOptions(endpoint_id="nobody")
    assert _refusal(lambda: app.svix.message_attempt.list_by_msg(app.id, a, options))[0] == 404


def test_attempts_are_walked_page_by_page_and_back(app: App) -> None:
    for number in range(5):
        app.send()
        app.tried(number + 1)
    everything = app.attempts()

    def page(**wanted: Any) -> Any:
        options = MessageAttemptListByEndpointOptions(limit=2, **wanted)
        return app.svix.message_attempt.list_by_endpoint(app.id, app.endpoint, options)

    first = page()
    second = page(iterator=first.iterator)
    third = page(iterator=second.iterator)
    assert [each.msg_id for each in (*first.data, *second.data, *third.data)] == everything
    assert (first.done, second.done, third.done) == (False, False, True)
    assert page(iterator=third.prev_iterator).data == second.data
    with_message = page(with_msg=True).data[0].msg
    assert (with_message.id, with_message.payload) == (everything[0], {})


def test_an_attempt_that_is_resent_by_hand_says_so_and_once_only(app: App) -> None:
    message = app.send()
    app.settle()
    options = MessageAttemptResendOptions(idempotency_key="once")

    for _ in range(3):
        app.svix.message_attempt.resend(app.id, message, app.endpoint, options)

    app.tried(2)
    app.settle()
    attempts = app.svix.message_attempt.list_by_msg(app.id, message).data
    assert [attempt.trigger_type for attempt in attempts] == [1, 0]
    first, second = app.receiver.received
    assert first.body == second.body
    assert first.headers["svix-id"] == second.headers["svix-id"] == message


def test_what_was_answered_can_be_expunged(app: App) -> None:
    message = app.send()
    app.settle()
    (attempt,) = app.svix.message_attempt.list_by_msg(app.id, message).data

    app.svix.message_attempt.expunge_content(app.id, message, attempt.id)

    assert "ok" not in app.svix.message_attempt.get(app.id, message, attempt.id).response
    assert _refusal(lambda: app.svix.message_attempt.get(app.id, message, "atmpt_1")) == (
        404,
        "not_found",
    )
    other = app.send()
    assert _refusal(lambda: app.svix.message_attempt.get(app.id, other, attempt.id)) == (
        404,
        "not_found",
    )


def test_what_was_sent_is_told_but_for_what_is_secret(
    app: App, http: httpx.Client, instance: "InstanceInfo"
) -> None:
    headers = {"X-Shown": "1", "Authorization": "Bearer secret"}
    app.svix.endpoint.set_headers(app.id, app.endpoint, EndpointHeadersIn(headers=headers))
    message = app.send()
    app.settle()
    (attempt,) = app.svix.message_attempt.list_by_msg(app.id, message).data
    path = f"/api/v1/app/{app.id}/msg/{message}/attempt/{attempt.id}/headers"

    told = http.get(path, headers={"authorization": f"Bearer {instance.secret_key}"}).json()

    assert told["sentHeaders"]["X-Shown"] == "1"
    assert told["sentHeaders"]["svix-id"] == message
    assert told["sensitive"] == ["Authorization"]
    assert "secret" not in str(told)
    assert ["content-length", "2"] in told["responseHeaders"]


def test_faults_of_clerks_api_do_not_strike_svix_api(app: App) -> None:
    app.control.post("/faults", json={"kind": "server_error"}).raise_for_status()
    app.control.put("/limits", json={"requests_per_10s": 0}).raise_for_status()

    message = app.send()

    app.settle()
    assert app.attempts() == [message]
    assert app.control.get("/faults").json()["data"][0]["matched"] == 0


def test_all_that_failed_since_then_is_recovered_and_nothing_else(app: App) -> None:
    app.answer(500)
    too_early = app.send()
    app.advance(EVERYTHING_S)
    app.settle()
    since = app.now() + timedelta(seconds=1)
    app.advance(10)
    lost = [app.send() for _ in range(3)]
    app.advance(EVERYTHING_S)
    app.settle()
    app.answer(200)
    arrived = app.send()
    app.settle()
    app.receiver.received.clear()
    options = EndpointRecoverOptions(idempotency_key="once")

    task = app.svix.endpoint.recover(app.id, app.endpoint, RecoverIn(since=since), options)
    again = app.svix.endpoint.recover(app.id, app.endpoint, RecoverIn(since=since), options)

    assert again == task
    app.settle()
    assert sorted(each.headers["svix-id"] for each in app.receiver.received) == sorted(lost)
    assert app.messages(status=MessageStatus.FAIL) == [too_early]
    assert arrived in app.messages(status=MessageStatus.SUCCESS)
    assert (task.task, task.status) == (
        BackgroundTaskType.ENDPOINT_RECOVER, BackgroundTaskStatus.RUNNING,
    )  # fmt: skip
    found = app.svix.background_task.get(task.id)
    assert (found.status, found.data) == (BackgroundTaskStatus.FINISHED, {"messagesSent": 3})
    wanted = BackgroundTaskListOptions(task=BackgroundTaskType.ENDPOINT_RECOVER)
    assert app.svix.background_task.list(wanted).data == [found]
    running = BackgroundTaskListOptions(status=BackgroundTaskStatus.RUNNING)
    assert app.svix.background_task.list(running).data == []


def test_what_an_endpoint_has_missed_is_replayed(app: App) -> None:
    app.svix.endpoint.patch(app.id, app.endpoint, EndpointPatch(disabled=True))
    missed = [app.send() for _ in range(3)]
    app.svix.endpoint.patch(app.id, app.endpoint, EndpointPatch(disabled=False))
    app.send()
    app.settle()
    app.receiver.received.clear()
    since = app.now() - timedelta(hours=1)

    task = app.svix.endpoint.replay_missing(app.id, app.endpoint, ReplayIn(since=since))

    app.settle()
    assert sorted(each.headers["svix-id"] for each in app.receiver.received) == sorted(missed)
    assert app.svix.background_task.get(task.id).data == {"messagesSent": 3}


def test_whatever_was_sent_is_replayed_as_far_as_it_is_wanted(app: App) -> None:
    app.receiver.answer = lambda delivered: 404 if delivered.event["type"] == "bad" else 200
    good, bad = app.send("good", channels=["blue"], tags=["x"]), app.send("bad")
    app.advance(EVERYTHING_S)
    app.settle()
    since = app.now() - timedelta(days=3)

    def replayed(**wanted: Any) -> list[str]:
        app.receiver.received.clear()
        replay = BulkReplayIn(since=since, **wanted)
        task = app.svix.endpoint.bulk_replay(app.id, app.endpoint, replay)
        app.settle()
        seen = [each.headers["svix-id"] for each in app.receiver.received]
        assert app.svix.background_task.get(task.id).data == {"messagesSent": len(seen)}
        return sorted(seen)

    assert replayed() == sorted([good, bad])
    assert replayed(status=MessageStatus.SUCCESS) == [good]
    assert replayed(status=MessageStatus.FAIL) == [bad]
    assert replayed(status_code_class=StatusCodeClass.CODE4XX) == [bad]
    assert replayed(event_types=["good"]) == [good]
    assert replayed(channel="blue") == replayed(tag="x") == [good]
    assert replayed(until=since + timedelta(hours=1)) == []


def test_nobody_reaches_back_further_than_two_weeks(app: App) -> None:
    since = app.now() - timedelta(days=15)
    for ask in (
        lambda: app.svix.endpoint.recover(app.id, app.endpoint, RecoverIn(since=since)),
        lambda: app.svix.endpoint.replay_missing(app.id, app.endpoint, ReplayIn(since=since)),
        lambda: app.svix.endpoint.bulk_replay(app.id, app.endpoint, BulkReplayIn(since=since)),
    ):
        with pytest.raises(HTTPValidationError) as refused:
            ask()
        assert refused.value.detail[0].loc == ["body", "since"]
    backwards = RecoverIn(since=app.now(), until=app.now() - timedelta(hours=1))
    with pytest.raises(HTTPValidationError):
        app.svix.endpoint.recover(app.id, app.endpoint, backwards)


def test_messages_and_attempts_of_an_endpoint_are_counted(app: App) -> None:
    app.receiver.answer = lambda delivered: 404 if delivered.event["type"] == "bad" else 200
    app.send("good")
    app.send("bad")
    app.advance(EVERYTHING_S)
    app.settle()
    app.send("good")
    app.send("bad")
    app.tried(11)
    soon = app.now() + timedelta(minutes=5)
    app.send("good", deliver_at=soon)

    stats = app.svix.endpoint.get_stats(app.id, app.endpoint)

    assert stats.model_dump() == {
        "success": 2, "fail": 1, "sending": 1, "pending": 1, "canceled": 0,
    }  # fmt: skip
    attempts = app.svix.endpoint.get_attempt_stats(app.id, app.endpoint)
    assert attempts.model_dump() == {"success": 2, "fail": 9, "canceled": 0}
    today = EndpointGetStatsOptions(since=app.now() - timedelta(hours=1))
    assert app.svix.endpoint.get_stats(app.id, app.endpoint, today).fail == 0


def test_what_was_sent_by_hand_survives_a_snapshot_and_no_reset(
    app: App, http: httpx.Client, open_svix: Callable[[str], Svix]
) -> None:
    message = app.send(event_id="order-1", channels=["blue"], tags=["x"])
    app.settle()
    snapshot = app.control.get("/snapshot").content
    other = http.post("/__fake__/instances").raise_for_status().json()
    try:
        path = f"/__fake__/instances/{other['instance_id']}"
        http.put(f"{path}/snapshot", content=snapshot).raise_for_status()
        twin = open_svix(other["secret_key"])
        name = other["instance_id"]
        found = twin.message.get(name, "order-1")
        assert (found.id, found.channels, found.tags) == (message, ["blue"], ["x"])
        assert [each.msg_id for each in twin.message_attempt.list_by_msg(name, message).data]
        with pytest.raises(HttpError):
            twin.message.create(name, MessageIn(event_type="t", payload={}, event_id="order-1"))
        http.post(f"{path}/reset").raise_for_status()
        assert twin.message.list(name).data == []
        twin.message.create(name, MessageIn(event_type="t", payload={}, event_id="order-1"))
    finally:
        http.delete(f"/__fake__/instances/{other['instance_id']}")
