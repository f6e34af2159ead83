"""Messages by Svix' official client: sent by hand, listed, found and expunged."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from clerk_backend_api import Clerk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from svix.api import Svix, SvixAsync, SvixOptions
from svix.api.errors.http_error import HttpError
from svix.api.message import (
    MessageCreateOptions,
    MessageGetOptions,
    MessageListOptions,
    message_in_raw,
)
from svix.models import (
    BulkExpungeContentsIn,
    EndpointIn,
    EventExampleIn,
    MessageIn,
    MessagePrecheckIn,
)
from svix.webhooks import Webhook

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver, ServerInfo

TEXT = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
"""What PostgreSQL takes: the fake refuses the rest."""

CONTENT = MessageGetOptions(with_content=True)


@pytest.fixture
def app(instance: "InstanceInfo") -> str:
    return instance.instance_id


def _refusal(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        ask()
    return refused.value.status_code, refused.value.code


def _now(control: httpx.Client) -> datetime:
    return datetime.fromtimestamp(control.get("/clock").json()["now_ms"] / 1000, UTC)


def _settled(control: httpx.Client) -> bool:
    return control.get("/deliveries").json()["pending"] == 0


def _types(svix: Svix, app: str, **wanted: Any) -> list[str]:
    return [each.event_type for each in svix.message.list(app, MessageListOptions(**wanted)).data]


def test_what_clerk_sends_is_seen_over_svix_api(svix: Svix, app: str, clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])

    (message,) = svix.message.list(app, MessageListOptions(with_content=True)).data

    assert message.event_type == "user.created"
    assert message.payload["data"]["id"] == user.id
    assert message.event_id is message.channels is message.tags is message.deliver_at is None
    assert svix.message.get(app, message.id, CONTENT) == message
    assert svix.message.get(app, message.id).payload == {}


def test_a_message_that_is_sent_by_hand_reaches_the_receiver_as_it_was_written(
    svix: Svix, app: str, receiver: "Receiver"
) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url)).id
    payload = {"b": [1, {"ü": None}], "a": "é\n"}
    wanted = MessageIn(
        event_type="our.own", payload=payload, event_id="order-1", tags=["x"], channels=["blue"]
    )

    sent = svix.message.create(app, wanted, MessageCreateOptions(with_content=True))

    assert sent.payload == payload
    assert (sent.event_id, sent.tags, sent.channels) == ("order-1", ["x"], ["blue"])
    assert svix.message.get(app, "order-1", CONTENT) == sent
    (delivered,) = eventually(lambda: receiver.received, within=5)
    assert delivered.body == json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
    assert delivered.headers["svix-id"] == sent.id
    Webhook(svix.endpoint.get_secret(app, endpoint).key).verify(delivered.body, delivered.headers)


def test_a_raw_payload_is_sent_as_it_is(svix: Svix, app: str, receiver: "Receiver") -> None:
    svix.endpoint.create(app, EndpointIn(url=receiver.url))

    sent = svix.message.create(app, message_in_raw("our.own", "<not>json</not>"))

    (delivered,) = eventually(lambda: receiver.received, within=5)
    assert delivered.body == b"<not>json</not>"
    assert svix.message.get(app, sent.id, CONTENT).payload == {"expired": True}


@given(
    payloads=st.lists(
        st.dictionaries(
            st.text(TEXT, max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(TEXT),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(TEXT, max_size=3), inner, max_size=3)
                ),
                max_leaves=8,
            ),
            max_size=4,
        ),
        max_size=4,
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_sent_arrives_as_it_was_written_and_is_told_so(
    svix: Svix,
    app: str,
    control: httpx.Client,
    receiver: "Receiver",
    payloads: list[dict[str, object]],
) -> None:
    if not svix.endpoint.list(app).data:
        svix.endpoint.create(app, EndpointIn(url=receiver.url))
    receiver.received.clear()

    sent = [
        svix.message.create(
            app, MessageIn(event_type="t", payload=payload), MessageCreateOptions(with_content=True)
        )
        for payload in payloads
    ]

    assert [message.payload for message in sent] == payloads
    eventually(lambda: _settled(control), within=5)
    arrived = {each.headers["svix-id"]: each.event for each in receiver.received}
    assert [arrived[message.id] for message in sent] == payloads


def test_an_idempotent_send_sends_once(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver"
) -> None:
    svix.endpoint.create(app, EndpointIn(url=receiver.url))
    options = MessageCreateOptions(idempotency_key="once")
    wanted = MessageIn(event_type="user.created", payload={"n": 1})

    sent = [svix.message.create(app, wanted, options) for _ in range(5)]

    assert len({message.id for message in sent}) == 1
    eventually(lambda: receiver.received and _settled(control), within=5)
    assert len(receiver.received) == 1
    control.post("/clock/advance", json={"seconds": 12 * 3600})
    assert svix.message.create(app, wanted, options).id != sent[0].id


def test_who_got_no_answer_asks_again_and_nothing_is_done_twice(
    svix: Svix, app: str, instance: "InstanceInfo", server: "ServerInfo"
) -> None:
    body = b'{"eventType":"user.created","payload":{}}'
    head = (
        f"POST /api/v1/app/{app}/msg?with_content=false HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"authorization: Bearer {instance.secret_key}\r\nidempotency-key: once\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + body)
        (lost,) = eventually(lambda: svix.message.list(app).data, within=5)

    again = svix.message.create(
        app,
        MessageIn(event_type="user.created", payload={}),
        MessageCreateOptions(idempotency_key="once"),
    )

    assert again.id == lost.id
    assert [message.id for message in svix.message.list(app).data] == [lost.id]


def test_the_same_key_means_something_else_for_another_operation(svix: Svix, app: str) -> None:
    options = MessageCreateOptions(idempotency_key="once")
    wanted = MessageIn(event_type="user.created", payload={"n": 1})
    without = svix.message.create(app, wanted, options)

    shown = svix.message.create(
        app, wanted, MessageCreateOptions(idempotency_key="once", with_content=True)
    )

    assert (without.payload, shown.payload) == ({}, {"n": 1})
    assert without.id != shown.id


def test_an_event_id_is_taken_for_a_day(svix: Svix, app: str, control: httpx.Client) -> None:
    wanted = MessageIn(event_type="user.created", payload={}, event_id="order-1")
    first = svix.message.create(app, wanted)
    assert _refusal(lambda: svix.message.create(app, wanted)) == (409, "conflict")

    control.post("/clock/advance", json={"seconds": 24 * 3600})

    second = svix.message.create(app, wanted)
    assert second.id != first.id
    assert svix.message.get(app, "order-1").id == second.id


def test_channels_and_event_types_decide_who_gets_a_message(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver"
) -> None:
    def listening(name: str, **what: Any) -> str:
        return svix.endpoint.create(app, EndpointIn(url=f"{receiver.url}/{name}", **what)).id

    blue = listening("blue", channels=["blue", "green"])
    every = listening("every")
    created = listening("created", event_types=["user.created"])

    def got_by(**what: Any) -> set[str]:
        sent = svix.message.create(app, MessageIn(payload={}, **what))
        eventually(lambda: _settled(control), within=5)
        attempts = svix.message_attempt.list_by_msg(app, sent.id).data
        return {attempt.endpoint_id for attempt in attempts}

    assert got_by(event_type="user.created", channels=["blue", "red"]) == {blue, every, created}
    assert got_by(event_type="user.updated", channels=["red"]) == {every}
    assert got_by(event_type="user.updated") == {every}
    svix.endpoint.delete(app, every)
    precheck = svix.message.precheck
    assert precheck(app, MessagePrecheckIn(event_type="user.created")).active
    assert not precheck(app, MessagePrecheckIn(event_type="user.updated")).active
    assert precheck(app, MessagePrecheckIn(event_type="a", channels=["green"])).active


def test_a_message_can_be_meant_for_later(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver"
) -> None:
    control.put("/clock", json={"frozen": True})
    svix.endpoint.create(app, EndpointIn(url=receiver.url))
    later = _now(control) + timedelta(hours=1)

    sent = svix.message.create(
        app, MessageIn(event_type="user.created", payload={}, deliver_at=later)
    )

    assert sent.deliver_at == later
    control.post("/clock/advance", json={"seconds": 3599})
    assert receiver.received == []
    control.post("/clock/advance", json={"seconds": 1})
    eventually(lambda: receiver.received, within=5)


def test_messages_are_found_by_time_type_channel_and_tag(
    svix: Svix, app: str, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    begin = _now(control)
    for number in range(6):
        control.post("/clock/advance", json={"seconds": 10})
        svix.message.create(
            app,
            MessageIn(
                event_type=f"t{number}",
                payload={},
                channels=[f"c{number % 2}"],
                tags=[f"g{number % 3}", "all/of#them"],
            ),
        )

    def at(seconds: int) -> datetime:
        return begin + timedelta(seconds=seconds)

    assert _types(svix, app) == ["t5", "t4", "t3", "t2", "t1", "t0"]
    assert _types(svix, app, channel="c1") == ["t5", "t3", "t1"]
    assert _types(svix, app, tag="g0") == ["t3", "t0"]
    assert _types(svix, app, event_types=["t1", "t4", "t9"]) == ["t4", "t1"]
    assert _types(svix, app, before=at(30)) == ["t1", "t0"]
    assert _types(svix, app, after=at(30)) == ["t5", "t4", "t3"]
    assert _types(svix, app, after=at(10), before=at(60), channel="c0") == ["t4", "t2"]
    # After a time and nothing else, a page begins at that time.
    assert _types(svix, app, after=at(10), limit=2) == ["t2", "t1"]


def test_messages_are_walked_page_by_page_and_back(svix: Svix, app: str) -> None:
    for number in range(7):
        svix.message.create(app, MessageIn(event_type=f"t{number}", payload={}))

    first = svix.message.list(app, MessageListOptions(limit=3))
    second = svix.message.list(app, MessageListOptions(limit=3, iterator=first.iterator))
    third = svix.message.list(app, MessageListOptions(limit=3, iterator=second.iterator))

    pages = [[each.event_type for each in page.data] for page in (first, second, third)]
    assert pages == [["t6", "t5", "t4"], ["t3", "t2", "t1"], ["t0"]]
    assert (first.done, second.done, third.done) == (False, False, True)
    back = svix.message.list(app, MessageListOptions(limit=3, iterator=third.prev_iterator))
    assert back.data == second.data
    svix.message.create(app, MessageIn(event_type="t7", payload={}))
    newer = svix.message.list(app, MessageListOptions(iterator=first.prev_iterator))
    assert [each.event_type for each in newer.data] == ["t7"]


def test_an_expunged_message_says_nothing_any_more_and_is_not_sent_again(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver"
) -> None:
    endpoint = svix.endpoint.create(app, EndpointIn(url=receiver.url)).id
    sent = svix.message.create(app, MessageIn(event_type="user.created", payload={"a": 1}))
    eventually(lambda: receiver.received and _settled(control), within=5)

    svix.message.expunge_content(app, sent.id)

    assert svix.message.get(app, sent.id, CONTENT).payload == {"expired": True}
    (known,) = control.get("/messages").json()["data"]
    assert json.loads(known["payload"]) == {"expired": True}
    assert _refusal(lambda: svix.message_attempt.resend(app, sent.id, endpoint)) == (
        400, "missing_payload",
    )  # fmt: skip


def test_many_messages_are_expunged_at_once(svix: Svix, app: str) -> None:
    sent = [
        svix.message.create(app, MessageIn(event_type="t", payload={"a": 1}, event_id=f"e{number}"))
        for number in range(4)
    ]

    results = svix.message.bulk_expunge_content(
        app, BulkExpungeContentsIn(ids=[sent[0].id, "e1", "nobody"])
    ).results

    assert {name: str(result) for name, result in results.items()} == {
        sent[0].id: "expunged", "e1": "expunged", "nobody": "not-found",
    }  # fmt: skip
    assert svix.message.get(app, "e2", CONTENT).payload == {"a": 1}
    task = svix.message.expunge_all_contents(app)
    assert svix.background_task.get(task.id).data == {"messagesPurged": 2}
    assert svix.message.get(app, "e2", CONTENT).payload == {"expired": True}


def test_an_example_goes_to_one_endpoint_whatever_that_listens_to(
    svix: Svix, app: str, control: httpx.Client, receiver: "Receiver", clerk: Clerk
) -> None:
    one = svix.endpoint.create(app, EndpointIn(url=receiver.url, event_types=["role.created"])).id
    svix.endpoint.create(app, EndpointIn(url=f"{receiver.url}/all", uid="all"))

    example = svix.endpoint.send_example(app, one, EventExampleIn(event_type="user.created"))

    eventually(lambda: len(receiver.received) == 1 and _settled(control), within=5)
    (attempt,) = svix.message_attempt.list_by_msg(app, example.id).data
    assert attempt.endpoint_id == one
    assert example.payload["type"] == "user.created"
    assert _refusal(
        lambda: svix.endpoint.send_example(app, one, EventExampleIn(event_type="user.exploded"))
    ) == (404, "not_found")
    user = clerk.users.create(email_address=["ada@example.com"])
    real = svix.endpoint.send_example(app, one, EventExampleIn(event_type="user.created"))
    assert real.payload["data"]["id"] == user.id


@pytest.mark.parametrize(
    ("wanted", "culprit"),
    [
        ({"eventType": None}, "eventType"),
        ({"eventType": "a b"}, "eventType"),
        ({"eventType": "a" * 257}, "eventType"),
        ({"payload": None}, "payload"),
        ({"payload": [1]}, "payload"),
        ({"payload": "text"}, "payload"),
        ({"eventId": ""}, "eventId"),
        ({"eventId": "msg_1"}, "eventId"),
        ({"channels": []}, "channels"),
        ({"channels": [None]}, "channels"),
        ({"tags": ["a b"]}, "tags"),
        ({"tags": list("abcdef")}, "tags"),
        ({"deliverAt": "tomorrow"}, "deliverAt"),
        ({"deliverAt": "2020-01-01T00:00:00Z"}, "deliverAt"),
        ({"deliverAt": "2999-01-01T00:00:00Z"}, "deliverAt"),
        ({"payloadRetentionPeriod": 0}, "payloadRetentionPeriod"),
        ({"payloadRetentionHours": 5, "payloadRetentionPeriod": 5}, "payloadRetentionHours"),
        ({"transformationsParams": {"code": "x"}}, "transformationsParams"),
        ({"transformationsParams": {"rawPayload": 5}}, "transformationsParams.rawPayload"),
    ],
)
def test_a_malformed_message_is_refused_by_the_name_of_what_is_wrong(
    http: httpx.Client, instance: "InstanceInfo", app: str, wanted: dict[str, Any], culprit: str
) -> None:
    headers = {"authorization": f"Bearer {instance.secret_key}"}
    answer = http.post(
        f"/api/v1/app/{app}/msg", json={"eventType": "t", "payload": {}} | wanted, headers=headers
    )

    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["detail"]
    assert ".".join(problem["loc"]) == f"body.{culprit}"
    assert http.get(f"/api/v1/app/{app}/msg", headers=headers).json()["data"] == []


def test_a_message_that_is_too_large_is_refused_in_svix_words(svix: Svix, app: str) -> None:
    large = MessageIn(event_type="t", payload={"a": "x" * 1_000_001})

    assert _refusal(lambda: svix.message.create(app, large)) == (413, "payload_too_large")


@pytest.mark.parametrize("content", [b"{", b"[]", b'"a"', b"\xff", b"null", b"{" * 2000])
def test_what_is_no_json_object_is_refused_in_svix_words(
    http: httpx.Client, instance: "InstanceInfo", app: str, content: bytes
) -> None:
    answer = http.post(
        f"/api/v1/app/{app}/msg",
        content=content,
        headers={"authorization": f"Bearer {instance.secret_key}"},
    )

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


@pytest.mark.asyncio
async def test_the_asynchronous_client_sends_and_finds_as_well(
    server: "ServerInfo", instance: "InstanceInfo", receiver: "Receiver"
) -> None:
    svix = SvixAsync(instance.secret_key, SvixOptions(server_url=server.url))
    app = instance.instance_id
    endpoint = await svix.endpoint.create(app, EndpointIn(url=receiver.url))
    wanted = MessageIn(event_type="user.created", payload={"a": 1}, event_id="order-1")

    sent = await svix.message.create(app, wanted)

    eventually(lambda: receiver.received, within=5)
    assert (await svix.message.get(app, "order-1")).id == sent.id
    assert (await svix.message_attempt.resend(app, sent.id, endpoint.id)) is not None
    eventually(lambda: len(receiver.received) == 2, within=5)
    with pytest.raises(HttpError) as taken:
        await svix.message.create(app, wanted)
    assert taken.value.status_code == 409
    await svix._httpx_client.aclose()
