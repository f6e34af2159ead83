import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from clerk_fake.webhooks.sender import BODY_KEPT, Answer, DeliveryError, Sender

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def _serving(conversation: Conversation) -> AsyncIterator[str]:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await conversation(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?x=%31%s"
    finally:
        server.close()


@asynccontextmanager
async def _sender() -> AsyncIterator[Sender]:
    sender = Sender()
    try:
        yield sender
    finally:
        await sender.close()


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head, await reader.readexactly(length)


def _answering(*answers: bytes) -> Conversation:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await _read(reader)
            writer.write(answer)

    return converse


async def _post(url: str, timeout_s: float = 5) -> Answer:
    async with _sender() as sender:
        return await sender.post(url, {}, b"{}", timeout_s)


async def test_the_request_arrives_as_it_was_given() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await _read(reader))
        writer.write(OK)

    async with _serving(converse) as url, _sender() as sender:
        answer = await sender.post(url, {"svix-id": "msg_1"}, '{"é":1}'.encode(), 5)

    head, body = seen[0]
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /hook?x=%31%s http/1.1"
    assert "svix-id: msg_1" in lines
    assert "content-type: application/json" in lines
    assert f"host: {url.split('/')[2]}" in lines
    assert body == '{"é":1}'.encode()
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.latency_ms > 0


async def test_a_connection_is_used_again() -> None:
    connections = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await _answering(*[OK] * 10)(reader, writer)

    async with _serving(converse) as url, _sender() as sender:
        for _ in range(10):
            assert (await sender.post(url, {}, b"", 5)).status == 200

    assert connections == 1


async def test_a_kept_connection_that_was_closed_in_the_meantime_is_replaced() -> None:
    async with _serving(_answering(OK)) as url, _sender() as sender:
        statuses = [(await sender.post(url, {}, b"", 5)).status for _ in range(5)]

    assert statuses == [200] * 5


async def test_a_request_that_crosses_the_closing_of_its_connection_is_sent_once_more() -> None:
    requests: list[int] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = len(requests)
        await _answering(OK)(reader, writer)
        requests.append(connection)
        await _read(reader)  # takes the second request, and hangs up on it
        requests.append(connection)

    async with _serving(converse) as url, _sender() as sender:
        first = await sender.post(url, {}, b"1", 5)
        second = await sender.post(url, {}, b"2", 5)

    assert (first.status, second.status) == (200, 200)
    assert len(requests) >= 3


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", 500, b""),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            200,
            b"abc",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.0 202 Accepted\r\n\r\nold", 202, b"old"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx", 200, b"x"),
    ],
)
async def test_every_framing_of_an_answer_is_understood(
    answer: bytes, status: int, body: bytes
) -> None:
    async with _serving(_answering(answer)) as url:
        received = await _post(url)

    assert (received.status, received.body) == (status, body)


async def test_only_the_beginning_of_a_long_answer_is_kept() -> None:
    length = BODY_KEPT * 3
    long = f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n".encode() + b"x" * length

    async with _serving(_answering(long)) as url:
        received = await _post(url)

    assert len(received.body) == BODY_KEPT


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", "reset"),
        (b"HTTP/1.1 200 OK\r\nconte", "reset"),
        (b"", "reset"),
    ],
)
async def test_a_broken_answer_is_a_failure_of_its_kind(answer: bytes, kind: str) -> None:
    async with _serving(_answering(answer)) as url:
        with pytest.raises(DeliveryError) as failure:
            await _post(url)

    assert failure.value.kind == kind


async def test_silence_is_a_timeout_and_the_connection_is_closed() -> None:
    connections = 0
    hung_up = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await _read(reader)
        if connections > 1:
            writer.write(OK)
        assert await reader.read() == b""
        hung_up.set()

    async with _serving(stay_silent) as url, _sender() as sender:
        with pytest.raises(DeliveryError) as failure:
            await sender.post(url, {}, b"", 0.05)
        await asyncio.wait_for(hung_up.wait(), 5)
        after = await sender.post(url, {}, b"", 5)

    assert failure.value.kind == "timeout"
    assert after.status == 200
    assert connections == 2


@pytest.mark.parametrize(
    ("url", "headers", "kind"),
    [
        ("http://127.0.0.1:1/", {}, "connect"),
        ("ftp://127.0.0.1/", {}, "url"),
        ("http://127.0.0.1/a b", {}, "url"),
        ("http://127.0.0.1:0/", {}, "url"),
        ("http://127.0.0.1:65536/", {}, "url"),
        ("http://[::1/", {}, "url"),
        ("http://a..b/", {}, "dns"),
        ("https://.127.0.0.1/", {}, "dns"),
        ("http://127.0.0.1/", {"x": "a\r\nb: c"}, "headers"),
        ("http://127.0.0.1/", {"x": "a\nb: c"}, "headers"),
        ("http://127.0.0.1/", {"x": "a\rb: c"}, "headers"),
        ("http://127.0.0.1/", {"x": "a\0"}, "headers"),
        ("http://127.0.0.1/", {"x: y": "a"}, "headers"),
        ("http://127.0.0.1/", {"x\r\ny": "a"}, "headers"),
        ("http://127.0.0.1/", {"": "a"}, "headers"),
        ("http://127.0.0.1/", {"Content-Length": "0"}, "headers"),
        ("http://127.0.0.1/", {"Transfer-Encoding": "chunked"}, "headers"),
    ],
)
async def test_what_cannot_be_sent_fails_with_a_reason(
    url: str, headers: dict[str, str], kind: str
) -> None:
    async with _sender() as sender:
        with pytest.raises(DeliveryError) as failure:
            await sender.post(url, headers, b"", 5)

    assert failure.value.kind == kind
    assert failure.value.sent == 0


async def test_headers_that_are_given_take_the_place_of_those_that_are_always_sent() -> None:
    heads: list[str] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heads.append((await _read(reader))[0].decode())
            writer.write(OK)

    async with _serving(converse) as url, _sender() as sender:
        await sender.post(url.replace("//", "//me%40home:100%25@"), {}, b"", 5)
        await sender.post(url, {"User-Agent": "100% mine", "Host": "elsewhere"}, b"", 5)

    assert "user-agent: Svix-Webhooks/1.0\r\n" in heads[0]
    assert "authorization: Basic bWVAaG9tZToxMDAl\r\n" in heads[0]
    assert "User-Agent: 100% mine\r\n" in heads[1]
    assert "Host: elsewhere\r\n" in heads[1]
    assert [heads[1].lower().count(f"\n{name}:") for name in ("host", "user-agent")] == [1, 1]


async def test_the_headers_of_an_answer_are_told_in_its_order() -> None:
    answer = (
        b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"
        b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nX-Name: caf\xe9\r\nset-cookie: a\r\n"
        b"Set-Cookie: b\r\nwebhook-delivery: disable\r\ntransfer-encoding: chunked\r\n\r\n"
        b"1\r\nx\r\n0\r\ntrailer: ignored\r\n\r\n"
    )

    async with _serving(_answering(answer)) as url:
        received = await _post(url)

    assert received.headers == (
        ("retry-after", "120"),
        ("x-name", "café"),
        ("set-cookie", "a"),
        ("set-cookie", "b"),
        ("webhook-delivery", "disable"),
        ("transfer-encoding", "chunked"),
    )
    assert received.header("retry-after") == "120"
    assert received.header("set-cookie") == "a"
    assert received.header("link") is None


async def test_headers_of_one_answer_are_not_those_of_the_next() -> None:
    answers = [b"HTTP/1.1 204 Fine\r\nx: 1\r\n\r\n", b"HTTP/1.1 204 Fine\r\n\r\n"]

    async with _serving(_answering(*answers)) as url, _sender() as sender:
        told = [(await sender.post(url, {}, b"", 5)).headers for _ in answers]

    assert told == [(("x", "1"),), ()]


async def test_of_endless_headers_only_the_first_16_kb_are_kept() -> None:
    lines = b"".join(b"x-%02d: %s\r\n" % (number, b"v" * 1000) for number in range(40))

    answer = b"HTTP/1.1 204 Fine\r\n" + lines + b"\r\n"

    async with _serving(_answering(answer, answer)) as url, _sender() as sender:
        told = [(await sender.post(url, {}, b"", 5)).headers for _ in range(2)]

    for headers in told:
        assert [name for name, _ in headers] == [f"x-{number:02}" for number in range(16)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirection_is_an_answer_and_is_not_followed(status: int) -> None:
    requests = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while True:
            await _read(reader)
            requests += 1
            writer.write(b"HTTP/1.1 %d Moved\r\nlocation: /\r\ncontent-length: 0\r\n\r\n" % status)

    async with _serving(converse) as url:
        received = await _post(url)

    assert (received.status, received.header("location")) == (status, "/")
    assert requests == 1


async def test_a_cancelled_request_leaves_no_half_read_connection_behind() -> None:
    begun = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, body = await _read(reader)
        if body == b"slow":
            begun.set()
            await reader.read()
        writer.write(OK)
        await reader.read()

    async with _serving(converse) as url, _sender() as sender:
        slow = asyncio.create_task(sender.post(url, {}, b"slow", 5))
        await begun.wait()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await sender.post(url, {}, b"quick", 5)).status == 200
