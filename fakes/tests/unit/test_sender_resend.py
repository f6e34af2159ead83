"""What was lost on the way is sent once more at once, and never twice more."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter

import pytest

from clerk_fake.webhooks.sender import RESENT_WITHIN_S, Answer, DeliveryError, Sender

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
LOST = b""
"""An answer of no bytes: the connection is reset instead."""

pytestmark = pytest.mark.asyncio


@dataclass
class Receiver:
    """Answers the requests that it gets, in their order, and counts what comes.

    Attributes:
        answers: One per request; a connection ends after an answer that is not ``OK``.
        before_answering: Called with the number of the request, from 1.
        requests: Head and body of each, byte for byte.
        connections: How many there were.
    """

    answers: list[bytes]
    before_answering: Callable[[int], Awaitable[None]] | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    url: str = ""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            answer = OK
            while answer == OK:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                if self.before_answering is not None:
                    await self.before_answering(len(self.requests))
                answer = self.answers[len(self.requests) - 1]
                if answer == LOST:
                    writer.transport.abort()
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def _receiving(*answers: bytes) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers))
    server = await asyncio.start_server(receiver.converse, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


@dataclass
class HandClock:
    """Stands still until it is turned, in seconds."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def _sender(clock: Callable[[], float] = perf_counter) -> AsyncIterator[Sender]:
    sender = Sender(now=clock)
    try:
        yield sender
    finally:
        await sender.close()


async def _post(sender: Sender, receiver: Receiver, timeout_s: float = 5) -> Answer:
    return await sender.post(receiver.url, {"svix-id": "msg_1"}, b'{"a":1}', timeout_s)


async def _failure(sender: Sender, receiver: Receiver, timeout_s: float = 5) -> DeliveryError:
    with pytest.raises(DeliveryError) as failure:
        await _post(sender, receiver, timeout_s)
    return failure.value


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(LOST, id="reset"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-le", id="within the head"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="after an interim answer"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\n", id="no HTTP"),
    ],
)
async def test_what_was_lost_is_sent_once_more_byte_for_byte(lost: bytes) -> None:
    async with _receiving(lost, OK) as receiver, _sender() as sender:
        answer = await _post(sender, receiver)

    assert (answer.status, answer.body, answer.resent) == (200, b"ok", True)
    assert receiver.connections == 2
    first, second = receiver.requests
    assert first == second
    assert b"svix-id: msg_1\r\n" in first
    assert first.endswith(b'\r\n\r\n{"a":1}')


async def test_what_was_lost_twice_has_failed() -> None:
    async with _receiving(LOST, LOST, OK) as receiver, _sender() as sender:
        failure = await _failure(sender, receiver)

    assert (failure.kind, failure.sent, failure.status) == ("reset", 2, None)
    assert len(receiver.requests) == receiver.connections == 2


async def test_an_answer_to_the_first_sending_says_so() -> None:
    async with _receiving(OK) as receiver, _sender() as sender:
        assert (await _post(sender, receiver)).resent is False


@pytest.mark.parametrize(("late_s", "requests"), [(0.0, 1), (-0.01, 2)])
async def test_what_is_lost_after_a_second_is_not_sent_again(late_s: float, requests: int) -> None:
    clock = HandClock()

    async def hold(number: int) -> None:
        clock.seconds += RESENT_WITHIN_S + late_s if number == 1 else 0

    async with _receiving(LOST, OK) as receiver, _sender(clock) as sender:
        receiver.before_answering = hold
        if requests == 1:
            assert (await _failure(sender, receiver)).sent == 1
        else:
            assert (await _post(sender, receiver)).resent

    assert len(receiver.requests) == requests


async def test_a_kept_connection_that_was_stale_takes_the_one_resend() -> None:
    async with _receiving(OK, LOST, LOST, OK) as receiver, _sender() as sender:
        await _post(sender, receiver)
        failure = await _failure(sender, receiver)

    assert (failure.kind, failure.sent) == ("reset", 2)
    assert len(receiver.requests) == 3
    assert receiver.connections == 2


async def test_a_resend_takes_no_kept_connection() -> None:
    # Two are kept: where one was stale, the other one is likely to be.
    both = asyncio.Event()

    async def wait_for_both(number: int) -> None:
        both.set() if number == 2 else None
        await both.wait()

    async with _receiving(OK, OK, LOST, OK) as receiver, _sender() as sender:
        receiver.before_answering = wait_for_both
        await asyncio.gather(_post(sender, receiver), _post(sender, receiver))
        assert (await _post(sender, receiver)).resent

    assert receiver.connections == 3


async def test_an_answer_of_whatever_status_is_not_asked_for_again() -> None:
    busy = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"

    async with _receiving(busy, OK) as receiver, _sender() as sender:
        answer = await _post(sender, receiver)

    assert (answer.status, answer.resent) == (503, False)
    assert len(receiver.requests) == 1


async def test_an_answer_whose_body_breaks_off_is_not_asked_for_again() -> None:
    cut = b"HTTP/1.1 201 Created\r\ncontent-length: 10\r\n\r\nshort"

    async with _receiving(cut, OK) as receiver, _sender() as sender:
        failure = await _failure(sender, receiver)

    assert (failure.kind, failure.sent, failure.status) == ("reset", 1, 201)
    assert len(receiver.requests) == 1


async def test_silence_is_not_sent_to_again() -> None:
    async with _receiving(OK) as receiver, _sender() as sender:

        async def stay_silent(_number: int) -> None:
            await asyncio.Event().wait()

        receiver.before_answering = stay_silent
        failure = await _failure(sender, receiver, timeout_s=0.05)

    assert (failure.kind, failure.sent) == ("timeout", 1)
    assert len(receiver.requests) == 1


async def test_a_receiver_that_comes_up_in_between_gets_what_found_nobody() -> None:
    receiver = Receiver([OK])
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        receiver.url = f"http://127.0.0.1:{door.getsockname()[1]}/hook"
        looks = iter(range(1000))
        opened = asyncio.Event()

        def open_at_the_second_look() -> float:  # the one after nobody was there
            if next(looks) == 1:
                door.listen()
                opened.set()
            return 0.0

        async with _sender(open_at_the_second_look) as sender:
            posted = asyncio.ensure_future(_post(sender, receiver))
            await asyncio.wait_for(opened.wait(), 5)
            server = await asyncio.start_server(receiver.converse, sock=door.dup())
            answer = await posted
            server.close()

    assert answer.resent
    assert len(receiver.requests) == 1


async def test_nobody_there_twice_has_failed_unsent() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        receiver = Receiver([], url=f"http://127.0.0.1:{door.getsockname()[1]}/hook")
        async with _sender() as sender:
            failure = await _failure(sender, receiver)

    assert (failure.kind, failure.sent) == ("connect", 0)
