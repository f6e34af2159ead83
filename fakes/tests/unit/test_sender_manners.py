"""Bodies that come slowly or not to their end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from clerk_fake.webhooks.sender import Answer, DeliveryError, Manner, Sender

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
BODY = b'{"data":"0123456789"}'

pytestmark = pytest.mark.asyncio

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """Reads heads, leaves the rest to a conversation, and counts connections."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.heads: list[bytes] = []
        self.ended = asyncio.Event()
        self.url = ""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            await self._conversation(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            self.ended.set()


@asynccontextmanager
async def _receiving(conversation: Conversation) -> AsyncIterator[Receiver]:
    receiver = Receiver(conversation)
    server = await asyncio.start_server(receiver.converse, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


async def _post(receiver: Receiver, manner: Manner, timeout_s: float = 5) -> Answer:
    sender = Sender()
    try:
        return await sender.post_oddly(
            receiver.url, {"svix-id": "msg_1"}, BODY, manner=manner, timeout_s=timeout_s
        )
    finally:
        await sender.close()


async def test_a_slow_body_arrives_whole_in_slices() -> None:
    slices: list[bytes] = []

    async def read_slices(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while len(b"".join(slices)) < len(BODY):
            slices.append(await reader.read(1000))
        writer.write(OK)

    async with _receiving(read_slices) as receiver:
        answer = await _post(receiver, Manner(slices=3, pause_s=0.05))

    assert (answer.status, answer.body) == (200, b"ok")
    assert b"".join(slices) == BODY
    assert [len(part) for part in slices] == [7, 7, 7]
    assert b"content-length: %d\r\n" % len(BODY) in receiver.heads[0]
    assert b"svix-id: msg_1\r\n" in receiver.heads[0]
    assert answer.latency_ms >= 100


async def test_a_body_that_is_too_slow_runs_into_the_timeout() -> None:
    received = b""

    async def read_all(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal received
        while part := await reader.read(1000):
            received += part

    async with _receiving(read_all) as receiver:
        with pytest.raises(DeliveryError) as failure:
            await asyncio.wait_for(_post(receiver, Manner(slices=2, pause_s=60), timeout_s=0.05), 5)
        await asyncio.wait_for(receiver.ended.wait(), 5)

    assert (failure.value.kind, failure.value.sent) == ("timeout", 1)
    assert received == BODY[: len(BODY) // 2]


@pytest.mark.parametrize(
    ("cut_after", "arrives"), [(0, 0), (10, 10), (len(BODY), len(BODY) - 1), (9999, len(BODY) - 1)]
)
async def test_a_cut_body_ends_early_though_more_was_announced(
    cut_after: int, arrives: int
) -> None:
    received: list[bytes] = []

    async def read_all(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())

    async with _receiving(read_all) as receiver:
        with pytest.raises(DeliveryError) as failure:
            await _post(receiver, Manner(cut_after=cut_after))
        await asyncio.wait_for(receiver.ended.wait(), 5)

    assert (failure.value.kind, failure.value.sent) == ("reset", 1)
    assert received == [BODY[:arrives]]  # once: a resend would undo it
    assert b"content-length: %d\r\n" % len(BODY) in receiver.heads[0]


async def test_an_answer_before_the_end_of_a_slow_body_counts() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await reader.read()

    async with _receiving(refuse) as receiver:
        answer = await _post(receiver, Manner(slices=2, pause_s=60))
        await asyncio.wait_for(receiver.ended.wait(), 5)

    assert answer.status == 413


async def test_a_connection_lost_amid_a_slow_body_is_a_reset_and_not_sent_again() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with _receiving(hang_up) as receiver:
        with pytest.raises(DeliveryError) as failure:
            await _post(receiver, Manner(slices=2, pause_s=60))

    assert failure.value.kind == "reset"
    assert len(receiver.heads) == 1


async def test_an_odd_request_has_a_connection_of_its_own() -> None:
    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(OK)

    async with _receiving(answer_all) as receiver:
        sender = Sender()
        await sender.post(receiver.url, {}, BODY, 5)
        await sender.post_oddly(receiver.url, {}, BODY, manner=Manner(), timeout_s=5)
        await asyncio.wait_for(receiver.ended.wait(), 5)  # the odd one is not kept
        await sender.post(receiver.url, {}, BODY, 5)
        await sender.close()

    assert len(receiver.heads) == 2  # one per connection


@pytest.mark.parametrize(
    "settings", [{"slices": 0}, {"slices": 2, "pause_s": -1.0}, {"cut_after": -1}]
)
async def test_there_is_no_impossible_manner(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"cannot|at least"):
        Manner(**settings)
