"""Sends signed webhooks in one of several ways, for ``deliveries.py``.

``python sending.py WAY PORT`` reads numbers from its standard input, a line each, sends so many
messages to that port of this machine, and prints how many seconds that took and how many of them
the process had its core.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter, process_time, time

import aiohttp
import uvloop
from load import LOOPBACK

from clerk_fake.clock import Clock
from clerk_fake.collector import begin_to_collect
from clerk_fake.events.log import EventLog, Origin
from clerk_fake.ids import Ids
from clerk_fake.webhooks.attempts import Attempt, Attempts
from clerk_fake.webhooks.deliveries import Deliveries
from clerk_fake.webhooks.dispatcher import LANE_WIDTH, Dispatcher
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.failures import Failures
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.sender import Sender
from clerk_fake.webhooks.signing import SigningSecret, signed_headers

SECRET = SigningSecret.of_bytes(bytes(range(32)))
DATA = {"id": "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "text": "x" * 1280}
BODY = EventLog("ins_bench", Clock(), Ids()).append("user.created", DATA, Origin()).payload.encode()
TIMEOUT_S = 15.0
WARM_UP = 500
OK = 200

Spent = tuple[float, float]
Run = Callable[[int], Awaitable[Spent]]


def _headers(number: int) -> dict[str, str]:
    return signed_headers((SECRET,), f"msg_{number}", int(time()), BODY)


async def _measured(messages: int, send: Callable[[int], Awaitable[int]]) -> Spent:
    """Send with as many workers as a lane of the dispatcher has."""
    numbers = iter(range(messages))

    async def work() -> None:
        for number in numbers:
            if await send(number) != OK:
                raise RuntimeError("the receiver refused a message")

    begun = perf_counter(), process_time()
    async with asyncio.TaskGroup() as workers:
        for _ in range(LANE_WIDTH):
            workers.create_task(work())
    return perf_counter() - begun[0], process_time() - begun[1]


@asynccontextmanager
async def with_aiohttp(url: str) -> AsyncIterator[Run]:
    """Send with the HTTP client that most Python programs have."""
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> int:
            headers = {**_headers(number), "content-type": "application/json"}
            async with session.post(url, data=BODY, headers=headers) as answer:
                await answer.read()
                return answer.status

        yield lambda messages: _measured(messages, send)


@asynccontextmanager
async def with_sender(url: str) -> AsyncIterator[Run]:
    """Send with our sender alone."""
    sender = Sender()

    async def send(number: int) -> int:
        return (await sender.post(url, _headers(number), BODY, TIMEOUT_S)).status

    yield lambda messages: _measured(messages, send)
    await sender.close()


@asynccontextmanager
async def with_dispatcher(url: str) -> AsyncIterator[Run]:
    """Deliver from an event log, everything written down as in a server."""
    async with _delivering(url, Attempts()) as run:
        yield run


@asynccontextmanager
async def without_recording(url: str) -> AsyncIterator[Run]:
    """Deliver from an event log, and forget every attempt at once."""
    async with _delivering(url, Forgetful()) as run:
        yield run


class Forgetful(Attempts):
    """Keeps no attempt."""

    def append(self, attempt: Attempt) -> None:
        """Forget it."""


@asynccontextmanager
async def _delivering(url: str, attempts: Attempts) -> AsyncIterator[Run]:
    clock, ids, sender = Clock(), Ids(), Sender()
    log, deliveries = EventLog("ins_bench", clock, ids), Deliveries()
    outbox = Outbox(log, Endpoints(), deliveries, attempts, Failures())
    outbox.endpoints.add(Endpoint("ep_bench", url, SECRET.text))
    dispatcher = Dispatcher(outbox, clock=clock, sender=sender, ids=ids)
    ended = asyncio.Event()
    dispatcher.on_attempt(lambda *_: None if deliveries.pending else ended.set())

    async def run(messages: int) -> Spent:
        for _ in range(messages):
            log.append("user.created", DATA, Origin())
        ended.clear()
        begun = perf_counter(), process_time()
        await ended.wait()
        return perf_counter() - begun[0], process_time() - begun[1]

    yield run
    await dispatcher.drain(0)
    outbox.close()
    await sender.close()


WAYS: dict[str, Callable[[str], AbstractAsyncContextManager[Run]]] = {
    "aiohttp": with_aiohttp,
    "sender": with_sender,
    "recorded": with_dispatcher,
    "unrecorded": without_recording,
}


async def main(way: str, port: str) -> None:
    """Send as often as asked for on standard input."""
    begin_to_collect()
    async with WAYS[way](f"http://{LOOPBACK}:{port}/webhooks/clerk") as run:
        await run(WARM_UP)
        while line := await asyncio.to_thread(sys.stdin.readline):
            elapsed_s, used_s = await run(int(line))
            print(elapsed_s, used_s, flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
