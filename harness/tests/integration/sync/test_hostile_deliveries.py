"""Whatever bytes come to the gate: 204 and kept as they came, or 4xx and nothing; never 500."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psutil
import pytest
from gate import Gate, signed_bytes, status_of
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clerk_harness.stack import Stack, Workspace
from clerk_harness.waiting import eventually
from clerk_sync.migrate import migrate

GOOD = b'{"type":"user.created","object":"event","data":{"id":"user_1"}}'
MANY = hypothesis_settings(max_examples=150, deadline=None)
KB, MB = 1024, 1024 * 1024

# What httptools takes as the value of a header; others never get through to us.
VALUES = st.binary(max_size=80).map(lambda value: re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", b"", value))
NAMES = st.sampled_from(
    [
        f"{brand}-{part}"
        for brand in ("svix", "webhook")
        for part in ("id", "timestamp", "signature")
    ]
).map(str.encode)
SIGNATURES = (b"v1,", b"v1,a", b"v1,!!", b"v1a,AAAA", b"v1", b"v1,AAAA v1", b"v1,\xe9", b",")
MOMENTS = (b"1e400", b"nan", b"-1", b"9" * 400, b"1_0", b"\xff\xfe", b"\xc3\xa9")
ODD = st.sampled_from((b"", b" ", b" , ", *SIGNATURES, *MOMENTS))
OTHERS = st.sampled_from((b"v1a,AAAA", b"v1,AAAA", b"v2,AAAA"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20)
)
VALUES_OF_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.just("user.created") | SCALARS, "data": VALUES_OF_JSON},
    optional={"object": st.just("event") | SCALARS, "more": VALUES_OF_JSON},
)
BODIES = st.one_of(
    st.binary(max_size=300),
    VALUES_OF_JSON.map(lambda value: json.dumps(value).encode()),
    EVENTS.map(lambda value: json.dumps(value).encode()),
    EVENTS.map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ),
    EVENTS.map(lambda value: b"\xef\xbb\xbf" + json.dumps(value).encode()),
    EVENTS.map(lambda value: json.dumps(value).encode("utf-16")),
    st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=3)).map(
        lambda cut: GOOD[: cut[0]] + cut[1] + GOOD[cut[0] :]
    ),
)


@pytest.fixture(scope="module")
def gate(stack: Stack) -> Iterator[Gate]:
    url = stack.postgres.create_database(f"gate_{uuid4().hex}")
    migrate(url)
    nowhere = "http://127.0.0.1:9"
    env = {
        "DATABASE_URL": url,
        "REDIS_URL": stack.redis.url,
        "CLERK_API_URL": nowhere,
        "CLERK_JWKS_URL": nowhere,
        "CLERK_ISSUER": nowhere,
        "CLERK_SYNC_FAILURE_RATE": "off",
    }
    with Workspace.open("clerk_sync gate") as workspace:
        yield Gate.open(workspace, env)


def is_event(body: bytes) -> bool:
    """Say whether it is what Clerk could send, by rules of our own."""
    try:
        document: Any = json.loads(body.decode(), parse_constant=float("NaN").__eq__)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(document, dict)
        and isinstance(document.get("data"), dict)
        and document.get("object", "event") == "event"
        and isinstance(document.get("type"), str)
        and re.fullmatch(r"[A-Za-z0-9_.\-]{1,128}", document["type"]) is not None
    )


@MANY
@given(st.dictionaries(NAMES, VALUES | ODD))
def test_no_headers_but_genuine_ones_are_more_than_a_400(
    gate: Gate, headers: dict[bytes, bytes]
) -> None:
    before = gate.stored()
    assert gate.post(GOOD, headers) == 400
    assert gate.stored() == before


@MANY
@given(st.sampled_from([b"svix-id", b"svix-timestamp", b"svix-signature"]), VALUES | ODD)
def test_a_genuine_delivery_with_one_other_header_is_a_400(
    gate: Gate, name: bytes, value: bytes
) -> None:
    headers = signed_bytes(GOOD)
    if value.strip(b" \t") != headers[name]:
        assert gate.post(GOOD, headers | {name: value}) == 400


@MANY
@given(BODIES)
def test_a_signed_body_is_kept_as_it_came_or_refused_with_400(gate: Gate, body: bytes) -> None:
    svix_id = f"msg_{uuid4().hex}"
    status = gate.post(body, signed_bytes(body, svix_id=svix_id))
    assert status == (204 if is_event(body) else 400)
    assert gate.stored().get(svix_id) == (body.decode() if status == 204 else None)


@pytest.mark.parametrize("off_by_s", [-298, 298, -302, 303])
@pytest.mark.parametrize("written", ["{}", "{}.5", " {} "])
def test_five_minutes_are_the_tolerance(gate: Gate, off_by_s: int, written: str) -> None:
    moment = str(int(time.time()) + off_by_s)
    headers = signed_bytes(GOOD, at=moment)
    sent = headers | {b"svix-timestamp": written.format(moment).encode()}
    assert gate.post(GOOD, sent) == (204 if abs(off_by_s) < 300 else 400)


@MANY
@given(st.lists(OTHERS, max_size=4))
def test_the_genuine_signature_may_stand_anywhere_among_others(
    gate: Gate, others: list[bytes]
) -> None:
    headers = signed_bytes(GOOD)
    genuine = headers[b"svix-signature"]
    for place in range(len(others) + 1):
        listed = b" ".join([*others[:place], genuine, *others[place:]])
        assert gate.post(GOOD, headers | {b"svix-signature": listed}) == 204
    assert gate.post(GOOD, headers | {b"svix-signature": b" ".join([*others, b"v1,AAAA"])}) == 400


def test_the_neutral_names_of_standard_webhooks_are_taken_as_a_whole_set(gate: Gate) -> None:
    svix = signed_bytes(GOOD)
    neutral = {name.replace(b"svix", b"webhook"): value for name, value in svix.items()}
    assert gate.post(GOOD, neutral) == 204
    assert gate.post(GOOD, neutral | {b"svix-id": svix[b"svix-id"]}) == 400


@pytest.mark.parametrize("length", [256 * KB + 1, 10**9, 10**18])
def test_an_announced_length_over_the_limit_is_refused_before_the_body_comes(
    gate: Gate, length: int
) -> None:
    assert gate.post(b"", signed_bytes(b""), length=length) == 413


def test_a_body_that_announces_nothing_is_cut_at_the_limit_and_costs_no_memory(gate: Gate) -> None:
    server = psutil.Process(gate.process.pid)
    before = server.memory_info().rss
    endless = (b"x" * 64 * KB for _ in range(1024))
    assert gate.post(b"", signed_bytes(b""), chunks=endless) in {413, 0}
    assert server.memory_info().rss - before < 8 * MB


def test_a_connection_whose_body_was_refused_is_ended(gate: Gate) -> None:
    with gate.connect() as connection:
        connection.sendall(
            b"POST /webhooks/clerk HTTP/1.1\r\nhost: gate\r\ncontent-length: 1000000\r\n\r\n"
        )
        assert status_of(connection) == 413
        while connection.recv(4096):
            pass


def test_a_body_of_just_the_limit_is_taken(gate: Gate) -> None:
    frame = b'{"type":"user.created","data":{"id":"%s"}}'
    body = frame % (b"x" * (256 * KB - len(frame) + 2))
    assert len(body) == 256 * KB
    assert gate.post(body, signed_bytes(body)) == 204
    chunks = (body[start : start + 8 * KB] for start in range(0, len(body), 8 * KB))
    assert gate.post(b"", signed_bytes(body), chunks=chunks) == 204
    assert gate.post(body + b" ", signed_bytes(body + b" ")) == 413


def test_a_lying_length_proves_nothing(gate: Gate) -> None:
    assert gate.post(GOOD, signed_bytes(GOOD), length=len(GOOD) - 1) == 400
    before = gate.stored()
    assert gate.post(GOOD, signed_bytes(GOOD), length=len(GOOD) + 1) in {400, 0}
    assert gate.stored() == before


def test_who_leaves_in_the_middle_of_a_body_leaves_nothing(gate: Gate) -> None:
    before = gate.stored()
    for _ in range(20):
        with gate.connect() as connection:
            head = b"POST /webhooks/clerk HTTP/1.1\r\nhost: gate\r\ncontent-length: 500\r\n"
            proof = b"".join(b"%s: %s\r\n" % one for one in signed_bytes(GOOD).items())
            connection.sendall(head + proof + b"\r\n" + GOOD)
    server = psutil.Process(gate.process.pid)
    eventually(
        lambda: not any(one.status == psutil.CONN_CLOSE_WAIT for one in server.net_connections()),
        within=5,
    )
    assert gate.stored() == before
    assert gate.post(GOOD, signed_bytes(GOOD)) == 204
