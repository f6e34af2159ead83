"""A webhook receiver that does nothing but answer, faster than anything that sends to it.

``python receiver.py`` prints its port and serves until its standard input ends. With ``--unlike``
the head of every answer is another one, as from receivers that number their answers; with
``--hold`` it answers nothing until a line comes on its standard input.
"""

import asyncio
import sys
from email.utils import formatdate
from itertools import count
from typing import cast

import uvloop
from load import LOOPBACK

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Answers:
    """Writes answers, dated as most servers do it.

    Args:
        unlike: Whether each is numbered.

    Attributes:
        held: Whether none is given.
    """

    def __init__(self, *, unlike: bool, held: bool) -> None:
        self.held = held
        self._numbers = count() if unlike else None
        self._dated = b""

    def next(self) -> bytes:
        """Return one more answer."""
        number = b"" if self._numbers is None else b"x-request-id: %d\r\n" % next(self._numbers)
        return self._dated + number + b"content-length: 2\r\n\r\n{}"

    def keep_time(self) -> None:
        """Date the answers of the next second."""
        self._dated = (
            b"HTTP/1.1 200 OK\r\nserver: receiver\r\ncontent-type: application/json\r\n"
            b"date: %s\r\n" % formatdate(usegmt=True).encode()
        )
        asyncio.get_running_loop().call_later(1, self.keep_time)


class Receiver(asyncio.Protocol):
    """Reads requests that announce their length, and answers each.

    Args:
        answers: Where the answers come from.
    """

    transport: asyncio.Transport

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer when the request is complete."""
        received = self._received = self._received + data if self._received else data
        head, end, body = received.partition(HEAD_END)
        announced = head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]
        if end and len(body) >= int(announced):
            self._received = b""
            if not self._answers.held:
                self.transport.write(self._answers.next())


async def serve(*, unlike: bool, held: bool) -> None:
    """Print the port, and answer until the end of standard input."""
    loop = asyncio.get_running_loop()
    answers = Answers(unlike=unlike, held=held)
    answers.keep_time()
    server = await loop.create_server(lambda: Receiver(answers), LOOPBACK, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        answers.held = False
    server.close()


if __name__ == "__main__":
    uvloop.run(serve(unlike="--unlike" in sys.argv[1:], held="--hold" in sys.argv[1:]))
