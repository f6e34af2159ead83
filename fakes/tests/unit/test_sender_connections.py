"""What a connection remembers from one answer to the next must not show in any of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from clerk_fake.webhooks.sender import BODY_KEPT, Answer, DeliveryError, Sender

pytestmark = pytest.mark.asyncio

NO_BODY = 'HTTP/1.1 304 Same\r\ncontent-length: 5\r\netag: "1"\r\n\r\n'


class Receiver:
    """Gives one answer to each request of no body, and counts connections.

    Args:
        answers: In pieces that are sent one after the other; an empty piece is a short wait.
    """

    def __init__(self, *answers: list[bytes]) -> None:
        self._answers = iter(answers)
        self.connections = 0
        self.url = ""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                for piece in next(self._answers):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0 if piece else 0.1)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def _receiving(*answers: list[bytes]) -> AsyncIterator[tuple[Receiver, Sender]]:
    receiver, sender = Receiver(*answers), Sender()
    server = await asyncio.start_server(receiver.converse, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield receiver, sender
    finally:
        await sender.close()
        server.close()


async def _answers(*answers: list[bytes]) -> tuple[list[Answer], int]:
    async with _receiving(*answers) as (receiver, sender):
        told = [await sender.post(receiver.url, {}, b"", 5) for _ in answers]
        return told, receiver.connections


def _ok(body: bytes, length: int | None = None) -> bytes:
    announced = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nX: 1\r\ncontent-length: %d\r\n\r\n%s" % (announced, body)


async def test_answers_of_the_same_head_have_bodies_of_their_own() -> None:
    told, connections = await _answers([_ok(b"one")], [_ok(b"two")], [_ok(b"six")])

    assert [answer.body for answer in told] == [b"one", b"two", b"six"]
    assert [answer.headers for answer in told] == [(("x", "1"), ("content-length", "3"))] * 3
    assert connections == 1


@pytest.mark.parametrize("cut_at", [5, 20, 40, 43])
async def test_a_head_that_is_known_may_come_in_pieces_the_next_time(cut_at: int) -> None:
    second = _ok(b"two")
    pieces = [second[:cut_at], b"", second[cut_at:]]

    told, connections = await _answers([_ok(b"one")], pieces, pieces, [_ok(b"six")])

    assert [answer.body for answer in told] == [b"one", b"two", b"two", b"six"]
    assert connections == 1


async def test_answers_without_a_body_may_announce_one() -> None:
    told, connections = await _answers([NO_BODY.encode()], [NO_BODY.encode()], [_ok(b"body")])

    assert [(answer.status, answer.body) for answer in told] == [(304, b"")] * 2 + [(200, b"body")]
    assert connections == 1


async def test_where_an_answer_ends_is_looked_for_anew_when_its_head_does_not_say() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    short, long = head + b"1\r\na\r\n0\r\n\r\n", head + b"2\r\nab\r\n0\r\n\r\n"

    other = short.replace(b"a\r", b"b\r")

    told, connections = await _answers([short], [long], [long], [short], [other])

    assert [answer.body for answer in told] == [b"a", b"ab", b"ab", b"a", b"b"]
    assert connections == 1


async def test_an_interim_answer_is_left_out_each_time() -> None:
    both = b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + _ok(b"ok")

    told, _ = await _answers([both], [both], [both])

    assert [(answer.status, answer.body) for answer in told] == [(200, b"ok")] * 3


async def test_a_known_head_that_closes_the_connection_closes_it_each_time() -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx"

    told, connections = await _answers([closing], [closing], [closing])

    assert [answer.body for answer in told] == [b"x"] * 3
    assert connections == 3


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("surplus", [_ok(b"no"), b"HTTP/1.1 200 OK\r\n", b"what?"])
async def test_what_follows_an_answer_is_never_taken_for_the_next_one(
    surplus: bytes, *, known: bool
) -> None:
    first = [[_ok(b"ok")]] if known else []
    answers = [*first, [_ok(b"ok") + surplus], [_ok(b"my own")]]

    told, connections = await _answers(*answers)

    assert [answer.body for answer in told][-2:] == [b"ok", b"my own"]
    assert connections == 2


async def test_of_a_long_body_behind_a_known_head_only_the_beginning_is_kept() -> None:
    long = b"x" * (BODY_KEPT + 1)

    told, _ = await _answers([_ok(long)], [_ok(long)])

    assert [len(answer.body) for answer in told] == [BODY_KEPT] * 2


async def test_the_time_of_a_request_is_its_own_and_not_that_of_the_one_before() -> None:
    async with _receiving([_ok(b"1")], [b"", _ok(b"2")], [b"", b"", _ok(b"3")]) as (
        receiver,
        sender,
    ):
        assert (await sender.post(receiver.url, {}, b"", 0.05)).body == b"1"
        assert (await sender.post(receiver.url, {}, b"", 30)).body == b"2"
        with pytest.raises(DeliveryError) as failure:
            await sender.post(receiver.url, {}, b"", 0.05)

    assert failure.value.kind == "timeout"
    assert receiver.connections == 1
