"""The gate and the inbox: what is acknowledged is committed, what is refused leaves nothing."""

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from svix.webhooks import Webhook

from clerk_sync.api.webhooks import WebhookEndpoint
from clerk_sync.app import create_app
from clerk_sync.config import Settings
from clerk_sync.errors import StoreRejectedError
from clerk_sync.service.receive import Receiver
from clerk_sync.store.deliveries import Delivery
from clerk_sync.store.session import connect

pytestmark = pytest.mark.asyncio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD_BODY = b'{"type":"user.created","object":"event","data":{"id":"user_1"}}'


def sign(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    svix_id = f"msg_{uuid4().hex}"
    signature = Webhook(secret).sign(svix_id, moment, body.decode("utf-8", "replace"))
    return {
        "svix-id": svix_id,
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": signature,
    }


async def test_an_acknowledged_delivery_is_in_the_inbox(service: Any) -> None:
    svix_id = await service.deliver("user.created")
    row = await service.row(svix_id)
    assert (row["state"], row["deliveries"], row["clerk_id"]) == ("received", 1, "user_1")


async def test_a_duplicate_is_acknowledged_and_only_counted(service: Any) -> None:
    svix_id = await service.deliver("user.created")
    await service.apply(svix_id)
    await service.deliver("user.created", svix_id=svix_id)
    row = await service.row(svix_id)
    assert (row["state"], row["deliveries"], row["applications"]) == ("applied", 2, 1)
    assert await service.apply(svix_id) is None


async def test_the_same_delivery_many_times_at_once_makes_one_row(service: Any) -> None:
    svix_id = f"msg_{uuid4().hex}"
    await asyncio.gather(*[service.deliver("user.created", svix_id=svix_id) for _ in range(50)])
    assert (await service.row(svix_id))["deliveries"] == 50
    assert len((await service.get("/inbox"))["data"]) == 1


async def test_a_burst_is_wholly_in_the_inbox(service: Any) -> None:
    sent = await asyncio.gather(
        *[service.deliver("user.created", f"user_{number}") for number in range(300)]
    )
    rows = (await service.get("/inbox?limit=1000"))["data"]
    assert {row["svix_id"] for row in rows} == set(sent)


@pytest.mark.parametrize(
    "change",
    [
        {"svix-id": None},
        {"svix-timestamp": None},
        {"svix-signature": None},
        {"svix-id": "msg_of_somebody_else"},
        {"svix-id": "\xff\xfe"},
        {"svix-id": "msg " * 3},
        {"svix-id": "m" * 300},
        {"svix-timestamp": "not a number"},
        {"svix-timestamp": "nan"},
        {"svix-timestamp": "inf"},
        {"svix-timestamp": "1e400"},
        {"svix-timestamp": "-1"},
        {"svix-signature": "v1"},
        {"svix-signature": "v1,"},
        {"svix-signature": "v1,!!!"},
        {"svix-signature": "v1,a"},
        {"svix-signature": "v1,a,b"},
        {"svix-signature": "v1,\xe9"},
        {"svix-signature": "v2,aaaa"},
        {"svix-signature": " "},
    ],
    ids=repr,
)
async def test_bad_headers_are_refused_with_400_and_leave_nothing(
    service: Any, change: dict[str, str | None]
) -> None:
    headers = {
        name: value.encode("latin-1")
        for name, value in (sign(GOOD_BODY) | change).items()
        if value is not None
    }
    answer = await service.http.post("/webhooks/clerk", content=GOOD_BODY, headers=headers)
    assert answer.status_code == 400
    assert (await service.get("/inbox"))["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"user.created"',
        b"42",
        b"NaN",
        b"{}",
        b'{"type":"user.created"}',
        b'{"type":1,"data":{}}',
        b'{"type":"","data":{}}',
        b'{"type":"user\\u0000","data":{}}',
        b'{"type":"user.created","data":[]}',
        b'{"type":"user.created","data":null}',
        b'{"type":"user.created","object":"user","data":{}}',
        b'{"type":"user.created","data":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'\xef\xbb\xbf{"type":"user.created","data":{}}',
        b'{"type":"user.created","data":{"a":NaN}}',
        b'{"type":"user.created","data":{"a":' + b"1" * 5000 + b"}}",
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_a_signed_body_that_is_no_event_is_refused_with_400(
    service: Any, body: bytes
) -> None:
    answer = await service.http.post("/webhooks/clerk", content=body, headers=sign(body))
    assert answer.status_code == 400
    assert (await service.get("/inbox"))["data"] == []


@pytest.mark.parametrize(
    "value",
    ['"\\ud800"', '"\\u0000"', "1e400", "-0", '{"a":1,"a":2}', '"\U0010ffff\\u2028"'],
)
async def test_strange_but_genuine_json_is_kept_as_it_came(service: Any, value: str) -> None:
    body = f'{{"type":"user.created","data":{{"id":"user_1","a":{value}}}}}'.encode()
    headers = sign(body)
    answer = await service.http.post("/webhooks/clerk", content=body, headers=headers)
    assert answer.status_code == 204
    assert (await service.row(headers["svix-id"]))["clerk_id"] == "user_1"
    assert await service.apply(headers["svix-id"]) == "dead"


@pytest.mark.parametrize("off_by_s", [-301, 302])
async def test_a_stale_or_early_timestamp_is_refused(service: Any, off_by_s: int) -> None:
    headers = sign(GOOD_BODY, at=time.time() + off_by_s)
    answer = await service.http.post("/webhooks/clerk", content=GOOD_BODY, headers=headers)
    assert answer.status_code == 400


async def test_a_changed_body_is_refused(service: Any) -> None:
    answer = await service.http.post(
        "/webhooks/clerk", content=GOOD_BODY + b" ", headers=sign(GOOD_BODY)
    )
    assert answer.status_code == 400


async def test_every_configured_secret_is_accepted_and_no_other(
    settings: Settings, open_service: Any
) -> None:
    old, new, foreign = (f"whsec_{letter * 32}" for letter in "abc")
    async with open_service(replace(settings, webhook_secrets=(new, old))) as service:
        for secret, status in ((old, 204), (new, 204), (foreign, 400)):
            headers = sign(GOOD_BODY, secret=secret)
            answer = await service.http.post("/webhooks/clerk", content=GOOD_BODY, headers=headers)
            assert answer.status_code == status


async def test_a_body_that_comes_too_slowly_is_refused_and_its_connection_ended(
    settings: Settings,
) -> None:
    app = create_app(settings)
    pieces = iter([{"type": "http.request", "body": GOOD_BODY[:9], "more_body": True}])
    answers: list[Any] = []

    async def receive() -> Any:
        return next(pieces, None) or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answers.append(message)

    async with app.router.lifespan_context(app):
        scope = {"type": "http", "app": app, "headers": [], "client": ("127.0.0.1", 1)}
        async with asyncio.timeout(5) as longest:
            await WebhookEndpoint(body_timeout_s=0.05)(scope, receive, send)
        assert not longest.expired()
    assert answers[0]["status"] == 400
    assert (b"connection", b"close") in answers[0]["headers"]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_256_kb_is_refused_with_413(service: Any, announced: bool) -> None:
    body = json.dumps({"type": "user.created", "data": {"id": "x" * 256 * 1024}}).encode()

    async def chunks() -> Any:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    content = body if announced else chunks()
    answer = await service.http.post("/webhooks/clerk", content=content, headers=sign(body))
    assert answer.status_code == 413


async def test_a_poison_row_is_refused_and_spares_the_rest_of_its_batch(
    database_url: str,
) -> None:
    engine = connect(database_url, pool_size=2, application="test")
    receiver = Receiver(engine, sweep_after_s=1)
    ids = ["msg_a", "msg_poison", "msg_b"]
    payloads = ["{}", "\x00", "{}"]
    receipts = [
        asyncio.ensure_future(receiver.receive(Delivery(svix_id, "user.created", None, payload)))
        for svix_id, payload in zip(ids, payloads, strict=True)
    ]
    await asyncio.sleep(0)
    receiver.start()
    outcomes = await asyncio.gather(*receipts, return_exceptions=True)
    await receiver.stop(within_s=1)
    await engine.dispose()
    assert [outcomes[0], outcomes[2]] == [True, True]
    assert isinstance(outcomes[1], StoreRejectedError)
