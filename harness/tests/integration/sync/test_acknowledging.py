"""2xx means committed, also when Postgres or the API is killed, or too much comes at once."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from gate import Gate, signed_bytes

from clerk_harness.stack import Stack, Workspace
from clerk_harness.waiting import eventually
from clerk_sync.errors import OverloadedError
from clerk_sync.service.receive import WAITING_CHARS, WAITING_ROWS, Receiver
from clerk_sync.store.deliveries import Delivery
from clerk_sync.store.session import connect

BODY = b'{"type":"user.created","object":"event","data":{"id":"user_1"}}'
SENDERS = 16


@pytest.fixture
def rooms() -> Iterator[Workspace]:
    with Workspace.open("clerk_sync acknowledging") as workspace:
        yield workspace


@contextmanager
def acknowledged(gate: Gate) -> Iterator[list[str]]:
    """Post from many sides until the block ends; what was answered 204 is in the list."""
    taken: list[str] = []
    stopping = threading.Event()

    def post() -> None:
        while not stopping.is_set():
            svix_id = f"msg_{uuid4().hex}"
            try:
                if gate.post(BODY, signed_bytes(BODY, svix_id=svix_id)) == 204:
                    taken.append(svix_id)
            except ConnectionError:
                pass  # the API is gone

    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(post) for _ in range(SENDERS)]
        try:
            yield taken
        finally:
            stopping.set()
    for sender in senders:
        sender.result()


def _after(taken: list[str], many: int, do: Callable[[], None]) -> None:
    eventually(lambda: len(taken) >= many, within=20, describe=f"{many} acknowledged")
    do()


def test_what_was_acknowledged_outlives_a_kill_of_postgres(
    mortal_env: dict[str, str], mortal: Stack, rooms: Workspace
) -> None:
    gate = Gate.open(rooms, mortal_env)
    with acknowledged(gate) as taken:
        for lost in range(1, 4):
            _after(taken, lost * 150, mortal.postgres.kill)
            mortal.postgres.restart()
    assert set(taken) <= gate.stored().keys()


def test_what_was_acknowledged_outlives_a_kill_of_the_api(
    env: dict[str, str], rooms: Workspace
) -> None:
    taken: list[str] = []
    for _ in range(3):
        gate = Gate.open(rooms, env)
        with acknowledged(gate) as more:
            _after(more, 100, gate.process.kill)
        taken += more
    assert set(taken) <= gate.stored().keys()


def test_a_message_that_comes_to_two_processes_at_once_is_one_row(
    env: dict[str, str], rooms: Workspace
) -> None:
    gates = [Gate.open(rooms, env) for _ in range(2)]
    svix_ids = [f"msg_{number}" for number in range(20)]
    headers = [signed_bytes(BODY, svix_id=svix_id) for svix_id in svix_ids]
    with ThreadPoolExecutor(SENDERS) as pool:
        answers = [
            pool.submit(gate.post, BODY, one) for _ in range(5) for one in headers for gate in gates
        ]
        assert {answer.result() for answer in answers} == {204}
    assert gates[0].deliveries() == dict.fromkeys(svix_ids, 10)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("size", "held"), [(100, WAITING_ROWS), (250_000, WAITING_CHARS // 250_000 + 1)]
)
async def test_what_waits_for_a_commit_is_bounded_in_rows_and_in_memory(
    database_url: str, size: int, held: int
) -> None:
    engine = connect(database_url, pool_size=1, application="test")
    receiver = Receiver(engine, sweep_after_s=1)
    offered = [
        Delivery(f"msg_{number}", "user.created", None, "x" * size) for number in range(held)
    ]
    waiting = [asyncio.ensure_future(receiver.receive(delivery)) for delivery in offered]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await receiver.receive(Delivery("msg_more", "user.created", None, "{}"))
    receiver.start()
    assert await asyncio.gather(*waiting) == [True] * held
    assert await receiver.receive(Delivery("msg_more", "user.created", None, "{}"))
    await receiver.stop(within_s=1)
    await engine.dispose()
