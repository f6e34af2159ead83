"""Endpoints by Svix' official client: made, shown, changed, ended; their secrets and headers."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from svix.api import Svix
from svix.api.endpoint import EndpointCreateOptions, EndpointListOptions
from svix.api.errors.http_error import HttpError
from svix.models import (
    EndpointHeadersIn,
    EndpointHeadersPatchIn,
    EndpointIn,
    EndpointPatch,
    EndpointSecretRotateIn,
    EndpointTransformationPatch,
    EndpointUpsertIn,
    MessageIn,
    Ordering,
)
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Delivered, InstanceInfo, Receiver

URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def app(instance: "InstanceInfo") -> str:
    return instance.instance_id


def _refusal(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        ask()
    return refused.value.status_code, refused.value.code


def _moment(control: httpx.Client) -> datetime:
    return datetime.fromtimestamp(control.get("/clock").json()["now_ms"] / 1000).astimezone()


def test_an_endpoint_comes_back_as_it_was_made(svix: Svix, app: str, control: httpx.Client) -> None:
    wanted = EndpointIn(
        url=URL,
        description="Ours",
        uid="ours",
        throttle_rate=7,
        event_types=["user.created", "user.deleted"],
        channels=["blue", "green"],
        metadata={"team": "a"},
        headers={"X-Shown": "1", "Authorization": "secret"},
    )

    made = svix.endpoint.create(app, wanted)

    assert svix.endpoint.get(app, made.id) == svix.endpoint.get(app, "ours") == made
    assert made.model_dump(exclude={"id", "created_at", "updated_at"}) == (
        wanted.model_dump(exclude={"headers", "secret"}) | {"disabled": False}
    )
    assert abs(made.created_at - _moment(control)) < timedelta(minutes=1)
    assert svix.endpoint.get_headers(app, "ours").headers == {"X-Shown": "1"}
    assert svix.endpoint.get_headers(app, "ours").sensitive == ["Authorization"]
    (known,) = control.get("/endpoints").json()["data"]
    assert (known["id"], known["rate_limit"], known["secret"]) == (
        made.id, 7, svix.endpoint.get_secret(app, made.id).key,
    )  # fmt: skip


def test_an_endpoint_that_says_nothing_gets_everything(svix: Svix, app: str) -> None:
    made = svix.endpoint.create(app, EndpointIn(url=URL))

    assert made.event_types is made.channels is made.uid is made.throttle_rate is None
    assert (made.description, made.metadata, made.disabled) == ("", {}, False)
    assert svix.endpoint.get_secret(app, made.id).key.startswith("whsec_")


def test_an_endpoint_is_changed_in_part(svix: Svix, app: str) -> None:
    made = svix.endpoint.create(
        app, EndpointIn(url=URL, uid="ours", event_types=["user.created"], channels=["blue"])
    )

    patched = svix.endpoint.patch(
        app, "ours", EndpointPatch(event_types=None, channels=None, uid=None, disabled=True)
    )

    assert patched.model_dump(exclude={"updated_at"}) == made.model_dump(exclude={"updated_at"}) | {
        "event_types": None,
        "channels": None,
        "uid": None,
        "disabled": True,
    }
    assert patched.updated_at >= made.updated_at


def test_an_endpoint_is_replaced_and_keeps_its_secret_and_headers(svix: Svix, app: str) -> None:
    made = svix.endpoint.create(
        app, EndpointIn(url=URL, description="Ours", channels=["a"], headers={"X-A": "1"})
    )
    secret = svix.endpoint.get_secret(app, made.id)

    replaced = svix.endpoint.upsert(app, made.id, EndpointUpsertIn(url=f"{URL}/2", uid="theirs"))

    assert (replaced.id, replaced.url, replaced.uid) == (made.id, f"{URL}/2", "theirs")
    assert (replaced.description, replaced.channels) == ("", None)
    assert svix.endpoint.get_secret(app, made.id) == secret
    assert svix.endpoint.get_headers(app, made.id).headers == {"X-A": "1"}


def test_replacing_what_is_not_there_makes_it(svix: Svix, app: str) -> None:
    made = svix.endpoint.upsert(app, "ours", EndpointUpsertIn(url=URL, uid="ours"))

    assert svix.endpoint.list(app).data == [made]


def test_a_deleted_endpoint_is_gone_and_its_uid_is_free(svix: Svix, app: str) -> None:
    made = svix.endpoint.create(app, EndpointIn(url=URL, uid="ours"))
    assert _refusal(lambda: svix.endpoint.create(app, EndpointIn(url=URL, uid="ours"))) == (
        409, "conflict",
    )  # fmt: skip

    svix.endpoint.delete(app, "ours")

    assert _refusal(lambda: svix.endpoint.get(app, made.id)) == (404, "not_found")
    assert svix.endpoint.create(app, EndpointIn(url=URL, uid="ours")).id != made.id


def test_lists_of_endpoints_are_walked_both_ways_while_they_shrink(svix: Svix, app: str) -> None:
    made = [svix.endpoint.create(app, EndpointIn(url=f"{URL}/{n}")).id for n in range(7)]
    rising = svix.endpoint.list(app, EndpointListOptions(order=Ordering.ASCENDING))
    assert [each.id for each in rising.data] == made
    assert rising.done

    seen: list[str] = []
    options = EndpointListOptions(limit=3)
    while True:
        page = svix.endpoint.list(app, options)
        for each in page.data:
            seen.append(each.id)
            svix.endpoint.delete(app, each.id)
        if page.done:
            break
        options = EndpointListOptions(limit=3, iterator=page.iterator)

    assert seen == made[::-1]
    assert svix.endpoint.list(app).data == []
    assert svix.endpoint.list(app).iterator is None


def test_an_idempotent_creation_makes_one_endpoint(svix: Svix, app: str) -> None:
    options = EndpointCreateOptions(idempotency_key="once")

    made = [svix.endpoint.create(app, EndpointIn(url=URL), options) for _ in range(3)]

    assert made[0] == made[1] == made[2]
    assert svix.endpoint.list(app).data == made[:1]


def test_headers_are_set_as_a_whole_and_in_part_and_reach_the_receiver(
    svix: Svix, app: str, receiver: "Receiver"
) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url, headers={"X-Old": "1"})).id
    svix.endpoint.set_headers(app, endpoint, EndpointHeadersIn(headers={"X-A": "1", "X-B": "2"}))
    patch = EndpointHeadersPatchIn(headers={"x-a": "3", "X-C": "4"}, delete_headers=["X-B"])

    svix.endpoint.patch_headers(app, endpoint, patch)

    assert svix.endpoint.get_headers(app, endpoint).headers == {"x-a": "3", "X-C": "4"}
    svix.message.create(app, MessageIn(event_type="user.created", payload={}))
    (delivered,) = eventually(lambda: receiver.received, within=5)
    assert (delivered.headers["x-a"], delivered.headers["x-c"]) == ("3", "4")
    assert {"x-b", "x-old"}.isdisjoint(delivered.headers)


def _verifies(secret: str, delivered: "Delivered") -> bool:
    try:
        Webhook(secret).verify(delivered.body, delivered.headers)
    except WebhookVerificationError:
        return False
    return True


def test_a_rotated_secret_signs_and_the_old_one_goes_on_for_a_day(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/clock", json={"frozen": True})
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url)).id
    old = svix.endpoint.get_secret(app, endpoint).key

    new = svix.endpoint.rotate_secret(app, endpoint, EndpointSecretRotateIn()).key

    assert new == svix.endpoint.get_secret(app, endpoint).key != old
    wanted = MessageIn(event_type="user.created", payload={"a": 1})
    svix.message.create(app, wanted)
    (first,) = eventually(lambda: receiver.received, within=5)
    assert (_verifies(old, first), _verifies(new, first)) == (True, True)
    control.post("/clock/advance", json={"seconds": 24 * 3600 - 1})
    svix.message.create(app, wanted)
    eventually(lambda: len(receiver.received) == 2, within=5)
    assert _verifies(old, receiver.received[1])
    control.post("/clock/advance", json={"seconds": 1})
    svix.message.create(app, wanted)
    eventually(lambda: len(receiver.received) == 3, within=5)
    assert (_verifies(old, receiver.received[2]), _verifies(new, receiver.received[2])) == (
        False, True,
    )  # fmt: skip


def test_a_secret_can_be_given_and_the_old_one_end_at_once(
    svix: Svix, app: str, receiver: "Receiver"
) -> None:
    secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url, secret=secret[6:])).id
    assert svix.endpoint.get_secret(app, endpoint).key == secret

    wanted = EndpointSecretRotateIn(key=f"whsec_{'A' * 32}", grace_period_seconds=0)
    svix.endpoint.rotate_secret(app, endpoint, wanted)

    svix.message.create(app, MessageIn(event_type="user.created", payload={}))
    (delivered,) = eventually(lambda: receiver.received, within=5)
    assert (_verifies(secret, delivered), _verifies(wanted.key or "", delivered)) == (False, True)


def test_of_a_key_pair_only_the_public_half_is_told(
    svix: Svix, app: str, receiver: "Receiver"
) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    pair = base64.b64encode(private.private_bytes_raw() + public).decode()
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url, secret=f"whsk_{pair}")).id

    told = svix.endpoint.get_secret(app, endpoint).key

    assert told == f"whpk_{base64.b64encode(public).decode()}"
    svix.message.create(app, MessageIn(event_type="user.created", payload={}))
    (delivered,) = eventually(lambda: receiver.received, within=5)
    version, _, signature = delivered.headers["svix-signature"].partition(",")
    assert version == "v1a"
    names = ("svix-id", "svix-timestamp")
    signed = b".".join([*(delivered.headers[name].encode() for name in names), delivered.body])
    private.public_key().verify(base64.b64decode(signature), signed)


def test_a_secret_is_rotated_ten_times_and_not_eleven_times(svix: Svix, app: str) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=URL)).id
    for _ in range(10):
        svix.endpoint.rotate_secret(app, endpoint, EndpointSecretRotateIn())

    assert _refusal(
        lambda: svix.endpoint.rotate_secret(app, endpoint, EndpointSecretRotateIn())
    ) == (400, "limit_reached")


def test_the_same_rotation_under_the_same_key_rotates_once(
    svix: Svix, app: str, http: httpx.Client, instance: "InstanceInfo"
) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=URL)).id
    headers = {"authorization": f"Bearer {instance.secret_key}", "idempotency-key": "once"}
    path = f"/api/v1/app/{app}/endpoint/{endpoint}/secret/rotate"

    answers = [http.post(path, headers=headers) for _ in range(3)]

    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["key"] == svix.endpoint.get_secret(app, endpoint).key


def test_there_is_no_transformation_and_none_can_be_set(svix: Svix, app: str) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=URL)).id

    assert svix.endpoint.transformation.get(app, endpoint).enabled is False
    program = EndpointTransformationPatch(code="function handler(w) { return w }", enabled=True)
    assert _refusal(lambda: svix.endpoint.transformation.patch(app, endpoint, program)) == (
        400, "not_offered",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "culprit"),
    [
        ({"url": None}, "url"),
        ({"url": "not a URL"}, "url"),
        ({"url": "ftp://127.0.0.1/"}, "url"),
        ({"url": "x" * 70_000}, "url"),
        ({"url": 7}, "url"),
        ({"uid": "ep_1"}, "uid"),
        ({"uid": "a/b"}, "uid"),
        ({"uid": ""}, "uid"),
        ({"eventTypes": []}, "eventTypes"),
        ({"eventTypes": ["user.exploded"]}, "eventTypes"),
        ({"eventTypes": "user.created"}, "eventTypes"),
        ({"channels": []}, "channels"),
        ({"channels": ["a b"]}, "channels"),
        ({"channels": [str(n) for n in range(11)]}, "channels"),
        ({"throttleRate": 0}, "throttleRate"),
        ({"throttleRate": 1.5}, "throttleRate"),
        ({"disabled": "no"}, "disabled"),
        ({"metadata": {"a": None}}, "metadata.a"),
        ({"headers": {"user-agent": "me"}}, "headers"),
        ({"headers": {"svix-id": "me"}}, "headers"),
        ({"headers": {"x y": "z"}}, "headers"),
        ({"headers": {"x": "a\nb"}}, "headers"),
        ({"headers": {"x": 1}}, "headers.x"),
        ({"secret": "whsec_short"}, "secret"),
        ({"secret": "whpk_" + "A" * 44}, "secret"),
        ({"description": 5}, "description"),
    ],
)
def test_a_malformed_endpoint_is_refused_by_the_name_of_what_is_wrong(
    http: httpx.Client, instance: "InstanceInfo", app: str, wanted: dict[str, Any], culprit: str
) -> None:
    headers = {"authorization": f"Bearer {instance.secret_key}"}
    answer = http.post(f"/api/v1/app/{app}/endpoint", json={"url": URL} | wanted, headers=headers)

    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["detail"]
    assert ".".join(problem["loc"]) == f"body.{culprit}"
    assert http.get(f"/api/v1/app/{app}/endpoint", headers=headers).json()["data"] == []
