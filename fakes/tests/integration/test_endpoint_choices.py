"""What can be said about an endpoint, and that deliveries heed it."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from outgoing import attempts, settle, statuses, trigger, turn
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver

HOUR_S = 3600
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of Svix's documentation
OTHER = "whsec_" + "B" * 32


def _verifies(secret: str, delivered: "Delivered") -> bool:
    try:
        Webhook(secret).verify(delivered.body, delivered.headers)
    except WebhookVerificationError:
        return False
    return True


def _made(control: httpx.Client, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = control.post("/endpoints", json=fields).raise_for_status().json()
    return made


def test_each_endpoint_gets_what_it_asked_for_signed_with_its_own_secret(
    control: httpx.Client, receiver: "Receiver", instance: "InstanceInfo"
) -> None:
    _made(control, url=f"{receiver.url}/all")
    _made(control, url=f"{receiver.url}/deleted", event_types=["user.deleted"], secret=KEY)

    trigger(control, event_type="user.created")
    trigger(control, event_type="user.deleted")
    settle(control)

    urls = sorted((each["url"], each["message_id"]) for each in attempts(control))
    assert [url.rsplit("/", 1)[1] for url, _ in urls] == ["all", "all", "deleted"]
    assert sum(_verifies(KEY, each) for each in receiver.received) == 1
    assert sum(_verifies(instance.webhook_secret, each) for each in receiver.received) == 2


def test_its_own_headers_go_with_every_message(control: httpx.Client, receiver: "Receiver") -> None:
    _made(control, url=receiver.url, headers={"X-Tenant": "acme", "Authorization": "Bearer t"})
    trigger(control)
    settle(control)
    (delivered,) = receiver.received
    assert delivered.headers["x-tenant"] == "acme"
    assert delivered.headers["authorization"] == "Bearer t"


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": {"svix-id": "msg_1"}},
        {"headers": {"Content-Length": "3"}},
        {"headers": {"HOST": "elsewhere"}},
        {"headers": {"X-A": "one\r\nx-b: two"}},
        {"headers": {"X A": "space"}},
        {"headers": {"X-A": 3}},
        {"headers": ["X-A"]},
        {"channels": ["two words"]},
        {"channels": [f"c{number}" for number in range(11)]},
        {"rate_limit": 0},
        {"rate_limit": "fast"},
        {"uid": "a b"},
        {"uid": ""},
        {"uid": "."},
        {"uid": ".."},
        {"headers": {"X-A": "1", "x-a": "2"}},
        {"event_types": ["user.sneezed"]},
        {"secret": "whsec_short"},
        {"header_names": "x-hub"},
        {"description": "d" * 10_001},
        {"colour": "red"},
        {"url": "ftp://127.0.0.1/x"},
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    control: httpx.Client, receiver: "Receiver", wrong: dict[str, Any]
) -> None:
    refused = control.post("/endpoints", json={"url": receiver.url} | wrong)
    assert refused.status_code == 422, refused.text
    kept = _made(control, url=receiver.url)
    if "secret" not in wrong:
        assert control.patch(f"/endpoints/{kept['id']}", json=wrong).status_code == 422
    assert control.get("/endpoints").json()["data"] == [kept]


def test_a_uid_names_one_endpoint_and_may_stand_for_its_id(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    made = _made(control, url=receiver.url, uid="crm")
    other = _made(control, url=receiver.url)
    assert control.post("/endpoints", json={"url": receiver.url, "uid": "crm"}).status_code == 409
    assert control.patch(f"/endpoints/{other['id']}", json={"uid": "crm"}).status_code == 409
    assert control.get("/endpoints/crm").json() == made
    assert control.patch("/endpoints/crm", json={"uid": None}).json()["uid"] is None
    assert control.get("/endpoints/crm").status_code == 404


def test_the_headers_may_have_the_names_of_standard_webhooks(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    _made(control, url=receiver.url, header_names="webhook", secret=KEY)
    trigger(control)
    settle(control)
    (delivered,) = receiver.received
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= delivered.headers.keys()
    assert not any(name.startswith("svix-") for name in delivered.headers)
    assert _verifies(KEY, delivered)


def test_no_more_are_sent_in_any_second_than_the_endpoint_allows(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/clock", json={"frozen": True})
    made = _made(control, url=receiver.url, rate_limit=3)
    for number in range(8):
        trigger(control, number)

    eventually(lambda: len(attempts(control)) == 3, within=5)
    assert control.get("/deliveries").json() == {
        "pending": 5,
        "next_attempt_at": control.get("/clock").json()["now_ms"] + 1000,
    }
    turn(control, 0.999)
    assert len(receiver.received) == 3
    turn(control, 0.001)
    eventually(lambda: len(attempts(control)) == 6, within=5)
    control.patch(f"/endpoints/{made['id']}", json={"rate_limit": None})
    settle(control)
    assert len(receiver.received) == 8


def test_what_a_limit_holds_back_goes_out_by_itself_on_a_running_clock(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    _made(control, url=receiver.url, rate_limit=20)
    began = control.get("/clock").json()["now_ms"]
    for number in range(45):
        trigger(control, number)
    settle(control)
    started = sorted(each["timestamp"] for each in attempts(control))
    assert len(started) == 45
    assert started[20] >= began + 1_000
    assert started[40] >= began + 2_000


def test_a_limit_forgets_what_was_sent_at_a_time_that_is_not_yet(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    _made(control, url=receiver.url, rate_limit=3)
    now = control.put("/clock", json={"frozen": True}).json()["now_ms"]
    for number in range(3):
        trigger(control, number)
    settle(control)
    control.put("/clock", json={"now_ms": now - 3_600_000})
    for number in range(4):
        trigger(control, number)

    eventually(lambda: len(attempts(control)) == 6, within=5)
    assert control.get("/deliveries").json() == {
        "pending": 1,
        "next_attempt_at": now - 3_600_000 + 1_000,
    }
    turn(control, 1)
    settle(control)


def test_a_rotated_secret_signs_with_the_old_one_for_a_day(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    made = _made(control, url=receiver.url, secret=KEY)
    control.put("/clock", json={"frozen": True})
    path = f"/endpoints/{made['id']}"
    rotated = control.post(f"{path}/rotate-secret", json={}).raise_for_status().json()
    assert rotated["secret"] not in {KEY, OTHER}
    again = control.post(f"{path}/rotate-secret", json={"secret": OTHER, "grace_s": 60}).json()
    secrets = [OTHER, rotated["secret"], KEY]
    assert again["secret"] == OTHER

    expected = [(0, [True, True, True]), (60, [True, False, True]), (86_340, [True, False, False])]
    for number, (later_s, verified) in enumerate(expected):
        turn(control, later_s)
        trigger(control, number)
        settle(control)
        delivered = receiver.received[-1]
        assert [_verifies(secret, delivered) for secret in secrets] == verified
        signatures = delivered.headers["svix-signature"].split(" ")
        assert len(signatures) == sum(verified)
        assert _verifies(OTHER, delivered)


def test_no_more_than_ten_old_secrets_are_valid_at_once(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    made = _made(control, url=receiver.url)
    path = f"/endpoints/{made['id']}/rotate-secret"
    for _ in range(10):
        assert control.post(path, json={}).status_code == 200
    refused = control.post(path, json={})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "limit_reached"
    trigger(control)
    settle(control)
    (delivered,) = receiver.received
    assert len(delivered.headers["svix-signature"].split(" ")) == 11
    turn(control, 24 * HOUR_S)
    assert control.post(path, json={}).status_code == 200
    assert control.post(path, json={"grace_s": 8 * 24 * HOUR_S}).status_code == 422
    assert control.post(path, json={"secret": "nonsense"}).status_code == 422


def test_an_endpoint_that_is_enabled_again_gets_what_comes_from_then_on(
    control: httpx.Client, receiver: "Receiver"
) -> None:
    made = _made(control, url=receiver.url, disabled=True)
    trigger(control, 1)
    control.patch(f"/endpoints/{made['id']}", json={"disabled": False})
    kept = trigger(control, 2)
    settle(control)
    assert statuses(control) == ["none", "delivered"]
    assert [each.headers["svix-id"] for each in receiver.received] == [kept]


def test_ed25519_keys_sign_as_v1a(control: httpx.Client, receiver: "Receiver") -> None:
    from clerk_fake.webhooks.signing import SigningPair  # noqa: PLC0415 - imports cryptography

    pair = SigningPair.of_seed(b"s" * 32)
    _made(control, url=receiver.url, secret=pair.text)
    trigger(control)
    settle(control)
    (delivered,) = receiver.received
    assert delivered.headers["svix-signature"].startswith("v1a,")
    assert delivered.headers["svix-signature"] == pair.sign(
        delivered.headers["svix-id"], int(delivered.headers["svix-timestamp"]), delivered.body
    )
