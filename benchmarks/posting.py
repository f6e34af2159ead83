"""Posts signed webhooks on raw keep-alive connections: as fast as they are taken, or at a rate.

A rate does not wait for answers: each message has its moment, and its latency counts from then,
however late a connection was free for it. Bounded in messages and in time, loopback only.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import cast

import uvloop
from load import HEAD_END, LOOPBACK, is_whole

from clerk_fake.webhooks.signing import SigningSecret, signed_headers

__all__ = ["SECRET", "Posted", "moments", "post", "svix_id", "user_id", "webhooks"]

SECRET = SigningSecret.of_bytes(bytes(range(32)))
CONNECTIONS = 64
LONGEST_S = 120.0
NO_CONTENT = 204
ABOUT_BYTES = 1_500

_HEAD = (
    "POST /webhooks/clerk HTTP/1.1\r\nhost: {host}\r\nuser-agent: Svix-Webhooks/1.62\r\n"
    "accept: */*\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{signed}\r\n"
)
_BODY = (
    '{{"data":{{"backup_code_enabled":false,"banned":false,"create_organization_enabled":true,'
    '"created_at":1700000000000,"delete_self_enabled":true,"email_addresses":[{{'
    '"created_at":1700000000000,"email_address":"person.{number}@example.com","id":"idn_{number}",'
    '"linked_to":[],"object":"email_address","reserved":false,"updated_at":1700000000000,'
    '"verification":{{"attempts":1,"expire_at":1700000600000,"status":"verified",'
    '"strategy":"email_code"}}}}],"external_accounts":[],"external_id":null,'
    '"first_name":"First {number}","has_image":false,"id":"{user_id}",'
    '"image_url":"https://img.example.com/{padding}","last_active_at":1700000000000,'
    '"last_name":"Last","last_sign_in_at":null,"locked":false,"object":"user",'
    '"passkeys":[],"password_enabled":true,"phone_numbers":[],'
    '"primary_email_address_id":"idn_{number}","private_metadata":{{}},"public_metadata":{{}},'
    '"saml_accounts":[],"totp_enabled":false,"two_factor_enabled":false,"unsafe_metadata":{{}},'
    '"updated_at":1700000000000,"username":null,"web3_wallets":[]}},"instance_id":"ins_bench",'
    '"object":"event","timestamp":1700000000000,"type":"user.created"}}'
)


def svix_id(number: int) -> str:
    """Return the id of a message."""
    return f"msg_2g7np7Hrk0SN6kj5{number:08}"


def user_id(number: int) -> str:
    """Return the id of the user that a message creates."""
    return f"user_2g7np7Hrk0SN6kj5{number:08}"


def webhooks(numbers: range) -> list[bytes]:
    """Write signed ``user.created`` requests of 1.5 kB, a user each; good for five minutes."""
    now = int(time())
    return [_webhook(number, now) for number in numbers]


def _webhook(number: int, now: int) -> bytes:
    facts = {"number": number, "user_id": user_id(number)}
    bare = len(_BODY.format(**facts, padding=""))
    body = _BODY.format(**facts, padding="x" * (ABOUT_BYTES - bare)).encode()
    headers = signed_headers((SECRET,), svix_id(number), now, body)
    signed = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return _HEAD.format(host=LOOPBACK, length=len(body), signed=signed).encode() + body


def moments(count: int, *, per_second: float) -> list[float]:
    """Return when each of ``count`` messages is due, in seconds: at random, always the same."""
    chance = random.Random(count)  # noqa: S311 - not a secret
    moment, due = 0.0, []
    for _ in range(count):
        moment += chance.expovariate(per_second)
        due.append(moment)
    return due


@dataclass(slots=True)
class Posted:
    """What became of the messages.

    Attributes:
        acknowledged: The places of those that were answered as they should be.
        refused: How many got another status, by status.
        latencies_s: From the moment that each acknowledged one was due.
        elapsed_s: From the first moment to the last answer.
        begun_at: The first moment, as ``time.time`` tells it.
    """

    acknowledged: list[int] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0
    begun_at: float = 0.0

    @property
    def per_second(self) -> float:
        """Acknowledged messages per second."""
        return len(self.acknowledged) / self.elapsed_s

    def percentile_s(self, percent: float) -> float:
        """Return the latency that so many percent do not exceed, in seconds."""
        ranked = sorted(self.latencies_s)
        return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


def post(
    port: int, requests: Sequence[bytes], due_s: Sequence[float] = (), *, ok: int = NO_CONTENT
) -> Posted:
    """Post everything and wait for all answers.

    Args:
        port: Of a receiver on this machine.
        requests: Heads and bodies.
        due_s: When each is due, ascending; all at once when left out.
        ok: The status of an acknowledgement.

    Raises:
        RuntimeError: Not everything was answered within two minutes, or a connection was closed.
    """
    return uvloop.run(_post(port, requests, due_s or [0.0] * len(requests), ok))


async def _post(port: int, requests: Sequence[bytes], due_s: Sequence[float], ok: int) -> Posted:
    loop = asyncio.get_running_loop()
    posting = _Posting(requests, due_s, ok, loop.create_future())
    clients = []
    try:
        for _ in range(CONNECTIONS):
            _, client = await loop.create_connection(lambda: _Client(posting), LOOPBACK, port)
            clients.append(client)
        posting.begin(clients)
        async with asyncio.timeout(LONGEST_S):
            await posting.ended
    except TimeoutError as late:
        raise RuntimeError(f"not all answers came within {LONGEST_S:.0f} s") from late
    finally:
        for client in clients:
            client.transport.abort()
    return posting.posted


class _Posting:
    """Gives each message that is due to a connection that is free."""

    def __init__(
        self,
        requests: Sequence[bytes],
        due_s: Sequence[float],
        ok: int,
        ended: "asyncio.Future[None]",
    ) -> None:
        self.posted = Posted()
        self.ended = ended
        self._requests = requests
        self._due_s = due_s
        self._ok = ok
        self._free: deque[_Client] = deque()
        self._begun = 0.0
        self._due = self._sent = self._answered = 0

    def begin(self, clients: "Sequence[_Client]") -> None:
        """Start the clock."""
        self._free.extend(clients)
        self._begun = perf_counter()
        self.posted.begun_at = time()
        self._look()

    def answer(self, client: "_Client", place: int, status: int) -> None:
        """Note an answer; its connection is free again."""
        elapsed = perf_counter() - self._begun
        if status == self._ok:
            self.posted.acknowledged.append(place)
            self.posted.latencies_s.append(elapsed - self._due_s[place])
        else:
            self.posted.refused[status] += 1
        self._answered += 1
        self._free.append(client)
        if self._answered < len(self._requests):
            self._send()
        elif not self.ended.done():
            self.posted.elapsed_s = elapsed
            self.ended.set_result(None)

    def fail(self, why: str) -> None:
        """End at once."""
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(why))

    def _look(self) -> None:
        now = perf_counter() - self._begun
        while self._due < len(self._due_s) and self._due_s[self._due] <= now:
            self._due += 1
        self._send()
        if self._due < len(self._due_s):
            asyncio.get_running_loop().call_later(self._due_s[self._due] - now, self._look)

    def _send(self) -> None:
        while self._free and self._sent < self._due:
            # In turn, so that no server finds one of them idle for too long.
            self._free.popleft().post(self._sent, self._requests[self._sent])
            self._sent += 1


class _Client(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, posting: _Posting) -> None:
        self._posting = posting
        self._received = b""
        self._place = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def connection_lost(self, _cause: Exception | None) -> None:
        self._posting.fail("the receiver closed a connection")

    def post(self, place: int, request: bytes) -> None:
        """Send one message."""
        self._place = place
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        status = int(received[9:12]) if HEAD_END in received else 0
        if status == NO_CONTENT or (status and is_whole(received)):
            self._received = b""
            self._posting.answer(self, self._place, status)
