"""Thousands of messages for one endpoint keep nobody else waiting; told by order, not by time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from clerk_fake.clock import Clock
from clerk_fake.events.log import EventLog, Origin
from clerk_fake.ids import Ids
from clerk_fake.webhooks.attempts import Attempts
from clerk_fake.webhooks.deliveries import Deliveries
from clerk_fake.webhooks.dispatcher import LANE_WIDTH, Dispatcher
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.failures import Failures
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.sender import Sender
from clerk_fake.webhooks.signing import SigningSecret

pytestmark = pytest.mark.asyncio

SECRET = SigningSecret.of_bytes(bytes(32)).text
MANY = 10_000
FEW = 3 * LANE_WIDTH
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Receiver:
    """Answers when it has leave to, and lets others wait until it has received enough.

    Args:
        leave: How many answers it may give; ``None`` for all.
    """

    def __init__(self, leave: int | None = None) -> None:
        self.received = 0
        self.url = ""
        self._leave = leave
        self._answered = 0
        self._news = asyncio.Condition()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                self.received += 1
                async with self._news:
                    self._news.notify_all()
                    await self._news.wait_for(self._may_answer)
                    self._answered += 1
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def allow(self, answers: int) -> None:
        async with self._news:
            self._leave = answers
            self._news.notify_all()

    async def has(self, messages: int) -> None:
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: self.received >= messages)

    def _may_answer(self) -> bool:
        return self._leave is None or self._answered < self._leave


@asynccontextmanager
async def _receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver.converse, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def _sender() -> AsyncIterator[Sender]:
    sender = Sender()
    try:
        yield sender
    finally:
        await sender.close()


class Books:
    """What one instance sends, to endpoints that each take one type of event."""

    def __init__(self, sender: Sender, **urls: str) -> None:
        clock, ids = Clock(), Ids()
        self.log = EventLog("ins_1", clock, ids)
        self.outbox = Outbox(self.log, Endpoints(), Deliveries(), Attempts(), Failures())
        for name, url in urls.items():
            self.outbox.endpoints.add(Endpoint(f"ep_{name}", url, SECRET, event_types=(name,)))
        self.dispatcher = Dispatcher(self.outbox, clock=clock, sender=sender, ids=ids)

    def emit(self, event_type: str, messages: int) -> None:
        for number in range(messages):
            self.log.append(event_type, {"id": str(number)}, Origin())

    async def has_attempted(self, messages: int) -> None:
        enough = asyncio.Event()
        self.dispatcher.on_attempt(lambda *_: enough.set() if self.attempted >= messages else None)
        await asyncio.wait_for(enough.wait(), 20)

    @property
    def attempted(self) -> int:
        return self.outbox.attempts.next_seq - 1


@asynccontextmanager
async def _sending(sender: Sender, **urls: str) -> AsyncIterator[Books]:
    books = Books(sender, **urls)
    try:
        yield books
    finally:
        await books.dispatcher.drain(0)
        books.outbox.close()


async def test_one_that_never_answers_and_one_that_is_slow_leave_a_third_alone() -> None:
    async with (
        _receiving(Receiver(leave=0)) as dead,
        _receiving(Receiver(leave=0)) as slow,
        _receiving(Receiver()) as live,
        _sender() as sender,
        _sending(sender, dead=dead.url, slow=slow.url, live=live.url) as books,
    ):
        books.emit("dead", MANY)
        books.emit("slow", FEW)
        books.emit("live", FEW)

        await live.has(FEW)
        await dead.has(LANE_WIDTH)
        await slow.has(LANE_WIDTH)
        assert (dead.received, slow.received) == (LANE_WIDTH, LANE_WIDTH)

        await slow.allow(1)
        await slow.has(LANE_WIDTH + 1)
        books.emit("live", 1)
        await live.has(FEW + 1)
        assert (dead.received, slow.received) == (LANE_WIDTH, LANE_WIDTH + 1)
        assert books.dispatcher.pending >= MANY + FEW - 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://127.0.0.1/a b"])
async def test_thousands_that_fail_at_once_do_not_delay_anothers_first(url: str) -> None:
    async with (
        _receiving(Receiver()) as live,
        _sender() as sender,
        _sending(sender, dead=url, live=live.url) as books,
    ):
        books.emit("dead", MANY)
        books.emit("live", 1)

        await live.has(1)

        assert books.attempted < MANY / 2
        await books.has_attempted(FEW)


async def test_an_instance_whose_receiver_hangs_does_not_delay_another() -> None:
    async with (
        _receiving(Receiver(leave=0)) as dead,
        _receiving(Receiver()) as live,
        _sender() as sender,
        _sending(sender, dead=dead.url) as hanging,
        _sending(sender, live=live.url) as others,
    ):
        hanging.emit("dead", MANY)
        others.emit("live", FEW)

        await live.has(FEW)

        assert dead.received <= LANE_WIDTH
        assert hanging.dispatcher.pending == MANY


async def test_what_is_broken_off_at_the_end_is_still_pending() -> None:
    async with (
        _receiving(Receiver(leave=0)) as dead,
        _sender() as sender,
        _sending(sender, dead=dead.url) as books,
    ):
        books.emit("dead", FEW)
        await dead.has(LANE_WIDTH)

        await books.dispatcher.drain(0)

        assert books.outbox.deliveries.pending == FEW
        assert books.attempted == 0
