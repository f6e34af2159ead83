"""What every request passes and every answer carries; what nobody sees; what nobody breaks."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.routing import Route

from clerk_sync.app import create_app
from clerk_sync.config import Settings

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

PUBLIC = {
    ("POST", "/webhooks/clerk"),  # proves itself by its signature
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
}
WITH_SESSION = {
    ("GET", "/users/me"),
    ("GET", "/users/{clerk_id}"),
    ("GET", "/organizations/{clerk_id}/members"),
}


def endpoints(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Return method and path of every route, however deep FastAPI hides it."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from endpoints(route.original_router.routes)
        else:
            yield from ((method, route.path) for method in route.methods - {"HEAD"})


@asynccontextmanager
async def running(app: Any, **transport: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, **transport), base_url="http://service", timeout=20
        ) as client,
    ):
        yield client


async def _explode(_: Any) -> None:
    raise RuntimeError("SELECT password FROM users WHERE key = 'sk_test_not_a_real_key'")


@pytest.mark.parametrize(
    ("method", "path", "status", "more"),
    [
        ("GET", "/health/live", 200, {}),
        ("GET", "/users", 200, {"headers": OPERATOR}),
        ("POST", "/inbox/msg_1/replay", 404, {"headers": OPERATOR}),
        ("GET", "/users", 401, {}),
        ("GET", "/nothing", 404, {}),
        ("GET", "/webhooks/clerk", 405, {}),
        ("DELETE", "/users", 405, {}),
        ("POST", "/webhooks/clerk", 400, {"content": b"{}"}),
        ("POST", "/webhooks/clerk", 413, {"content": b"x" * 300_000}),
        ("PUT", "/operator/registration", 413, {"content": b"x" * 20_000, "headers": OPERATOR}),
        ("PUT", "/operator/registration", 415, {"content": b"{}", "headers": OPERATOR}),
        ("PUT", "/operator/registration", 422, {"json": {"open": "no"}, "headers": OPERATOR}),
        ("GET", "/users?limit=no", 422, {"headers": OPERATOR}),
        ("GET", "/users/%00", 422, {"headers": OPERATOR}),
        ("GET", "/audit?subject=%00", 422, {"headers": OPERATOR}),
        ("GET", "/boom", 500, {}),
    ],
)
async def test_every_answer_has_the_security_headers_and_errors_have_one_form(
    settings: Settings, method: str, path: str, status: int, more: dict[str, Any]
) -> None:
    app = create_app(settings)
    app.router.routes.append(Route("/boom", _explode))
    async with running(app) as client:
        answer = await client.request(method, path, **more)
    assert answer.status_code == status
    found = {name: answer.headers.get_list(name) for name in SECURITY_HEADERS}
    assert found == {name: [value] for name, value in SECURITY_HEADERS.items()}
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"]
    assert "strict-transport-security" not in answer.headers
    if status >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "message"}
        assert error["message"]


async def test_an_error_of_ours_says_where_to_look_and_nothing_else(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)
    app.router.routes.append(Route("/boom", _explode))
    async with running(app) as client:
        answer = await client.get("/boom", headers={"X-Request-Id": "look-here"})
    assert answer.json()["error"] == {
        "code": "internal_error",
        "message": "unforeseen: see the log for request look-here",
    }
    assert [record.message for record in caplog.records if record.exc_info] == [
        "a request failed unforeseen"
    ]


async def test_what_libraries_say_of_a_database_is_not_shown(settings: Settings) -> None:
    url = "postgresql://somebody:secret-password@127.0.0.1:1/secret_name"
    async with running(create_app(replace(settings, database_url=url))) as client:
        for path in ("/users", "/inbox/msg_1", "/users/user_1", "/health/ready", "/metrics"):
            answer = await client.get(path, headers=OPERATOR)
            for part in ("secret", "somebody", "127.0.0.1", "asyncpg", "SELECT", "Traceback"):
                assert part not in answer.text, path


async def test_https_alone_promises_to_stay_https(settings: Settings) -> None:
    async with running(create_app(settings)) as client:
        answer = await client.get("https://service/health/live")
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        forwarded = {"X-Forwarded-Proto": "https"}
        untrusted = await client.get("/health/live", headers=forwarded)
        assert "strict-transport-security" not in untrusted.headers


@pytest.mark.parametrize(
    ("offered", "kept"),
    [
        ("a-sane.Request_1:2", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("", False),
        ("two words", False),
        ("line\tbreak", False),
        ("ünïcode", False),
    ],
)
async def test_a_sane_request_id_is_kept_and_any_other_replaced(
    service: Any, offered: str, *, kept: bool
) -> None:
    headers = {"X-Request-Id": offered.encode("latin-1")}
    answer = await service.http.get("/health/live", headers=headers)
    given_back = answer.headers["x-request-id"]
    assert (given_back == offered) is kept
    assert given_back.isascii()
    assert given_back


async def test_made_request_ids_are_all_different(service: Any) -> None:
    answers = await asyncio.gather(*[service.http.get("/health/live") for _ in range(50)])
    assert len({answer.headers["x-request-id"] for answer in answers}) == 50


async def test_a_replay_is_in_the_audit_log_with_its_operator_and_request(service: Any) -> None:
    svix_id = await service.deliver("user.created", primary_email_address_id=7)
    await service.apply(svix_id)
    assert (await service.row(svix_id))["state"] == "dead"
    headers = OPERATOR | {"X-Request-Id": "replay-1"}
    assert (await service.http.post(f"/inbox/{svix_id}/replay", headers=headers)).is_success
    [entry] = (await service.get(f"/audit?subject=webhook:{svix_id}"))["data"]
    assert (entry["actor"], entry["action"], entry["request_id"]) == (
        f"operator:{sha256(b'operator-token').hexdigest()[:8]}",
        "inbox.replay",
        "replay-1",
    )
    assert entry["before"] != entry["after"]
    # Refused ones change nothing and are no entries.
    assert (await service.http.post(f"/inbox/{svix_id}/replay", headers=headers)).is_client_error
    assert len((await service.get(f"/audit?subject=webhook:{svix_id}"))["data"]) == 1


async def test_no_route_is_open_that_is_not_meant_to_be(settings: Settings) -> None:
    """A route that is added later must ask for a token, or be named above."""
    app = create_app(settings)
    everything = set(endpoints(app.router.routes))
    assert everything >= PUBLIC | WITH_SESSION
    described = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert everything == described | {("POST", "/webhooks/clerk")}
    session = {"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}
    async with running(app) as client:
        for method, path in sorted(everything - PUBLIC):
            url = path.replace("{", "").replace("}", "")
            for headers in ({}, {"Authorization": "Bearer wrong-operator"}, session):
                answer = await client.request(method, url, headers=headers)
                assert answer.status_code == 401, (method, path, headers)
    async with running(create_app(replace(settings, operator_tokens=()))) as client:
        for method, path in sorted(everything - PUBLIC - WITH_SESSION):
            url = path.replace("{", "").replace("}", "")
            answer = await client.request(method, url, headers=OPERATOR)
            assert answer.status_code == 403, (method, path)


async def test_several_operators_are_told_apart(settings: Settings) -> None:
    both = replace(settings, operator_tokens=("operator-token", "operator-token-2"))
    async with running(create_app(both)) as client:
        for token in both.operator_tokens:
            answer = await client.get("/users", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200
        doubled = [("Authorization", f"Bearer {token}") for token in both.operator_tokens]
        assert (await client.get("/users", headers=doubled)).status_code == 401


async def test_a_chunked_body_is_not_read_past_its_limit(service: Any) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 4096

    headers = OPERATOR | {"Content-Type": "application/json"}
    answer = await service.http.put("/operator/registration", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read < 10


# Fuzz: whatever comes, the service blames the sender, in the form of all its errors.

_BYTES = st.binary(max_size=40)
_PART = st.one_of(
    st.sampled_from(["user_1", "%00", "%ff%fe", "..", "%2e%2e%2f", "%0d%0aX: y", "9" * 400, "'"]),
    st.text(max_size=20).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
)
_NAME = st.sampled_from(
    ["after", "limit", "subject", "authorization", "content-type", "content-length", "svix-id"]
)
_VALUE = st.one_of(
    st.sampled_from([b"-1", b"%00", b"\x00", b"9" * 40, b"1e3", b"\xff\xfe", b"NaN", b""]),
    _BYTES,
)
_HEADERS = st.lists(st.tuples(_NAME.map(str.encode) | st.just(b"x-request-id"), _VALUE), max_size=4)


@hypothesis_settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_nothing_that_is_sent_breaks_the_service(service: Any, data: st.DataObject) -> None:
    app = service.http._transport.app
    known = sorted(endpoints(app.router.routes))
    method, path = data.draw(st.sampled_from(known))
    method = data.draw(st.sampled_from([method, method, method, "OPTIONS", "HEAD", "PATCH", "X"]))
    raw = path.replace("{clerk_id}", data.draw(_PART)).replace("{svix_id}", data.draw(_PART))
    if path == "/health/celery":
        return  # takes its seconds when no worker runs
    query = b"&".join(
        name.encode() + b"=" + quote(value).encode()
        for name, value in data.draw(st.lists(st.tuples(_NAME, _VALUE), max_size=3))
    )
    headers = data.draw(_HEADERS)
    if data.draw(st.booleans()):
        headers = [(b"authorization", b"Bearer operator-token"), *headers]
    body = data.draw(_BYTES | st.sampled_from([b"{}", b"[" * 2000, b'{"open":1e999}']))
    start, answered = await _call(
        app,
        body,
        method=method,
        path=unquote(raw),  # as uvicorn does
        raw_path=raw.encode(),
        query_string=query,
        headers=headers,
    )
    allowed_503 = path in {"/health/deep", "/health/ready"}
    assert start["status"] < 500 or (allowed_503 and start["status"] == 503), (start, answered)
    sent = dict(start["headers"])
    assert sent[b"x-content-type-options"] == b"nosniff"
    assert b"\n" not in sent[b"x-request-id"]
    if start["status"] >= 400 and method != "HEAD" and not allowed_503:
        assert set(json.loads(answered)["error"]) == {"code", "message"}


async def _call(app: Any, body: bytes, **scope: Any) -> tuple[dict[str, Any], bytes]:
    """Call the application as a server does that lets everything through."""
    messages: list[dict[str, Any]] = []
    whole = {"type": "http", "http_version": "1.1", "scheme": "http", "root_path": ""}
    whole |= {"client": ("127.0.0.1", 1), "server": ("service", 80)} | scope

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(whole, receive, send)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /users/\xff\xfe HTTP/1.1\r\nHost: s\r\n\r\n",
        b"GET /users/%00 HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer operator-token\r\n\r\n",
        b"GET /users/%zz HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer operator-token\r\n\r\n",
        b"GET /users?after=\xff HTTP/1.1\r\nHost: s\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\nHost: s\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: s\r\n\r\n",
        b"GET /users HTTP/1.1\r\nHost: s\r\nX-Request-Id: a\x00b\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nHost: s\r\nContent-Length: -1\r\n\r\n",
        b"POST /users HTTP/1.1\r\nHost: s\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST /users HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"POST /webhooks/clerk HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_malformed_http_is_refused(
    settings: Settings, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    config = uvicorn.Config(
        create_app(settings), port=0, log_config=None, server_header=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_bytes)
    writer.write_eof()
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    server.should_exit = True
    await serving
    status = answer.split(b" ", 2)[1] if answer else b"400"
    assert b"400" <= status < b"500", answer
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
