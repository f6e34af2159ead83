"""What a sender that behaves like Svix makes of an answer, walked on the instance's clock."""

import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from time import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import Reply
from outgoing import attempts, settle, settled, statuses, trigger, turn

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, Receiver

SCHEDULE_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
DAY_S = 24 * 3600


@pytest.fixture
def endpoint(control: httpx.Client, receiver: "Receiver") -> dict[str, Any]:
    """An endpoint at the receiver, on a clock that stands still, without jitter."""
    control.put("/delivery-schedule", json={"jitter": 0})
    control.put("/clock", json={"frozen": True})
    made: dict[str, Any] = control.post("/endpoints", json={"url": receiver.url}).json()
    return made


def _pause_s(control: httpx.Client, number: int = 1) -> float | None:
    """Return how long after attempt ``number`` the next one is due."""
    tried = eventually(lambda: attempts(control)[number - 1 : number], within=5)[0]
    due = tried["next_attempt_at"]
    return None if due is None else (due - tried["timestamp"]) / 1000


def test_every_step_of_the_schedule_is_taken_when_it_is_due(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: 500
    trigger(control)

    for number, pause_s in enumerate(SCHEDULE_S, 1):
        assert _pause_s(control, number) == pause_s
        turn(control, pause_s - 0.001)
        assert len(attempts(control)) == number
        turn(control, 0.001)
        eventually(lambda number=number: len(attempts(control)) == number + 1, within=5)

    assert _pause_s(control, 8) is None
    assert sum(SCHEDULE_S) == 99_305
    assert statuses(control) == ["exhausted"]
    tried = attempts(control)
    assert tried[-1]["timestamp"] - tried[0]["timestamp"] == 99_305_000


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_success(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver", status: int
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: status
    trigger(control)
    settle(control)
    assert statuses(control) == ["delivered"]
    assert len(attempts(control)) == 1


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308, 400, 401, 404, 422, 500, 503])
def test_anything_else_is_a_failure_and_no_redirect_is_followed(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver", status: int
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: Reply(status, {"location": receiver.url})
    trigger(control)
    assert _pause_s(control) == 5
    assert statuses(control) == ["pending"]
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("asked", "pause_s"),
    [
        ("1", 5),
        ("7", 7),
        ("7.2", 8),
        ("10", 10),
        ("3600", 10),
        ("0", 5),
        ("-3", 5),
        ("soon", 5),
        ("nan", 5),
        ("inf", 5),
        ("", 5),
    ],
)
def test_retry_after_is_heeded_from_one_to_two_steps(
    control: httpx.Client,
    endpoint: dict[str, Any],
    receiver: "Receiver",
    asked: str,
    pause_s: int,
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: Reply(503, {"retry-after": asked})
    trigger(control)
    assert _pause_s(control) == pause_s


@pytest.mark.parametrize(("ahead_s", "between_s"), [(-60, (5, 5)), (8, (6, 9)), (600, (10, 10))])
def test_retry_after_may_be_a_date(
    control: httpx.Client,
    endpoint: dict[str, Any],
    receiver: "Receiver",
    ahead_s: int,
    between_s: tuple[int, int],
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: Reply(
        503, {"retry-after": formatdate(time() + ahead_s, usegmt=True)}
    )
    trigger(control)
    pause_s = _pause_s(control)
    assert pause_s is not None
    assert between_s[0] <= pause_s <= between_s[1]


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overloaded_receiver_is_given_a_minute(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver", status: int
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: status
    trigger(control)
    assert _pause_s(control) == 60
    turn(control, 60)
    assert _pause_s(control, 2) == 300


def test_retry_after_of_an_overloaded_receiver_counts_from_the_longer_pause(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: Reply(429, {"retry-after": "90"})
    trigger(control)
    assert _pause_s(control) == 90


def test_a_compressed_schedule_stays_compressed_for_an_overloaded_receiver(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    control.put("/delivery-schedule", json={"delays_s": [0, 1, 2]})
    receiver.answer = lambda _delivered: 504
    trigger(control)
    assert _pause_s(control) == 2
    control.put("/delivery-schedule", json={"overload_s": 0})
    trigger(control, 2)
    assert _pause_s(control, 2) == 1


def test_a_receiver_that_takes_too_long_has_failed_and_is_given_a_minute(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    assert control.get("/delivery-schedule").json()["timeout_s"] == 15
    control.put("/delivery-schedule", json={"timeout_s": 0.2})
    answered = threading.Event()

    def hang(_delivered: "Delivered") -> int:
        answered.wait(10)
        return 200

    receiver.answer = hang
    trigger(control)
    assert _pause_s(control) == 60
    answered.set()
    (tried,) = attempts(control)
    assert tried["status"] is None
    assert tried["error"].startswith("timeout: ")


def test_410_disables_the_endpoint_and_gives_up_what_is_pending(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: 500
    trigger(control, 1)
    eventually(lambda: len(attempts(control)) == 1, within=5)
    receiver.answer = lambda _delivered: 410
    trigger(control, 2)
    settle(control)

    assert control.get(f"/endpoints/{endpoint['id']}").json()["disabled"] is True
    assert statuses(control) == ["exhausted", "exhausted"]
    assert attempts(control)[-1]["next_attempt_at"] is None
    assert control.get("/deliveries").json() == {"pending": 0, "next_attempt_at": None}
    trigger(control, 3)
    turn(control, DAY_S)
    assert len(receiver.received) == 2


def test_a_receiver_may_ask_to_be_disabled(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: Reply(200, {"webhook-delivery": "disable"})
    trigger(control)
    settle(control)
    assert statuses(control) == ["delivered"]
    eventually(lambda: control.get(f"/endpoints/{endpoint['id']}").json()["disabled"], within=5)


def test_a_receiver_may_refuse_a_message_for_good(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: Reply(500, {"Webhook-Delivery": "abort-message"})
    trigger(control)
    settle(control)
    assert statuses(control) == ["exhausted"]
    assert len(attempts(control)) == 1
    assert control.get(f"/endpoints/{endpoint['id']}").json()["disabled"] is False


def test_jitter_spreads_each_step_by_a_fifth_and_its_seed_repeats_it(
    http: httpx.Client, receiver: "Receiver"
) -> None:
    pauses = []
    for _ in range(2):
        made = http.post("/__fake__/instances", json={"seed": 11}).json()
        base = f"/__fake__/instances/{made['instance_id']}"
        http.put(f"{base}/clock", json={"frozen": True})
        http.post(f"{base}/endpoints", json={"url": receiver.url})
        receiver.answer = lambda _delivered: 500
        http.post(f"{base}/trigger", json={"type": "user.created"})
        for number, step_s in enumerate(SCHEDULE_S, 1):
            eventually(
                lambda base=base, number=number: (
                    len(http.get(f"{base}/attempts").json()["data"]) == number
                ),
                within=5,
            )
            http.post(f"{base}/clock/advance", json={"seconds": step_s * 1.2})
        tried = http.get(f"{base}/attempts").json()["data"][:7]
        pauses.append([each["next_attempt_at"] - each["timestamp"] for each in tried])
        http.delete(base)

    assert pauses[0] == pauses[1]
    shares = [pause / step / 1000 for pause, step in zip(pauses[0], SCHEDULE_S, strict=True)]
    assert all(0.8 <= share <= 1.2 for share in shares)
    assert max(shares) - min(shares) > 0.05


@dataclass
class Rude:
    """A receiver that breaks its connections off once it has read something.

    Attributes:
        url: Its own.
        answer: What it says before; it resets the connection when that is nothing.
        requests: What it read.
    """

    url: str
    answer: bytes = b""
    requests: list[bytes] = field(default_factory=list)


@pytest.fixture
def rude() -> Iterator[Rude]:
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = Rude(f"http://127.0.0.1:{listener.getsockname()[1]}/hook")

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            receiver.requests.append(connection.recv(65_536))
            if receiver.answer:
                connection.sendall(receiver.answer)
            else:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield receiver
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_lost_connection_is_tried_once_more_at_once_byte_for_byte(
    control: httpx.Client, rude: Rude
) -> None:
    control.put("/clock", json={"frozen": True})
    control.put("/delivery-schedule", json={"jitter": 0})
    control.post("/endpoints", json={"url": rude.url})
    trigger(control)

    assert _pause_s(control) == 5
    (tried,) = attempts(control)
    assert tried["error"].startswith("reset: ")
    assert len(rude.requests) == 2
    assert rude.requests[0] == rude.requests[1]


@pytest.mark.parametrize(
    ("status", "standing", "pause_s"), [(200, "delivered", None), (502, "pending", 60)]
)
def test_the_status_counts_when_the_rest_of_an_answer_is_lost(
    control: httpx.Client, rude: Rude, status: int, standing: str, pause_s: int | None
) -> None:
    rude.answer = b"HTTP/1.1 %d X\r\ncontent-length: 99\r\n\r\nhalf of it" % status
    control.put("/clock", json={"frozen": True})
    control.put("/delivery-schedule", json={"jitter": 0})
    control.post("/endpoints", json={"url": rude.url})
    trigger(control)

    assert _pause_s(control) == pause_s
    (tried,) = attempts(control)
    assert (tried["status"], tried["error"][:7]) == (status, "reset: ")
    assert statuses(control) == [standing]
    assert len(rude.requests) == 1


def test_the_timestamp_is_that_of_the_attempt_and_the_id_that_of_the_message(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    del endpoint
    receiver.answer = lambda _delivered: 500
    message_id = trigger(control)
    eventually(lambda: attempts(control), within=5)
    turn(control, 5)
    eventually(lambda: len(attempts(control)) == 2, within=5)

    assert {each.headers["svix-id"] for each in receiver.received} == {message_id}
    tried = attempts(control)
    for delivered, attempt in zip(receiver.received, tried, strict=True):
        signed_at = int(delivered.headers["svix-timestamp"])
        assert abs(signed_at - attempt["started_at"] / 1000) <= 1
        assert attempt["request_headers"]["svix-signature"] == delivered.headers["svix-signature"]


def test_five_days_of_failures_disable_an_endpoint(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: 500
    path = f"/endpoints/{endpoint['id']}"
    for number in range(11):  # one message every 12 hours: day 5 begins with the last
        assert control.get(path).json()["disabled"] is False
        message_id = trigger(control, number)
        eventually(lambda sent=message_id: attempts(control, message_id=sent), within=5)
        if number < 10:
            turn(control, DAY_S / 2)
    eventually(lambda: control.get(path).json()["disabled"], within=10)
    assert settled(control)
    assert control.get("/deliveries").json()["next_attempt_at"] is None


def test_one_success_begins_the_five_days_anew(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    path = f"/endpoints/{endpoint['id']}"
    for number in range(16):
        receiver.answer = lambda _delivered, number=number: 200 if number == 8 else 500
        trigger(control, number)
        settle(control)
        turn(control, DAY_S / 2)
    assert control.get(path).json()["disabled"] is False


def test_a_failure_now_and_then_disables_nothing(
    control: httpx.Client, endpoint: dict[str, Any], receiver: "Receiver"
) -> None:
    control.put("/delivery-schedule", json={"delays_s": [0]})
    receiver.answer = lambda _delivered: 500
    for number in range(6):
        trigger(control, number)
        settle(control)
        turn(control, 2 * DAY_S)
    assert control.get(f"/endpoints/{endpoint['id']}").json()["disabled"] is False
