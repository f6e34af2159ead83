import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from clerk_fake.webhooks.failure import DeliveryError
from clerk_fake.webhooks.guard import Guard
from clerk_fake.webhooks.sender import Sender

pytestmark = pytest.mark.asyncio

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
PORT = 80


@dataclass
class Names:
    """A resolver whose answers change from one time to the next."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        assert port
        self.asked.append(host)
        return self.answers.pop(0)


def guard(*allowed: str, answers: Sequence[Sequence[str]] = ()) -> Guard:
    return Guard([ip_network(network) for network in allowed], resolve=Names(list(answers)))


@asynccontextmanager
async def receiver(host: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A receiver: its port, and the heads of what reached it."""
    seen: list[bytes] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        writer.close()

    server = await asyncio.start_server(converse, host, 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("10.0.0.1", "10.0.0.1 is not on the public internet (private)"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("169.254.169.254", "link-local"),
        ("127.0.0.1", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - read, not bound
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("240.0.0.1", "reserved"),
        ("198.18.0.1", "benchmarking"),
        ("203.0.113.9", "documentation"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fd00:ec2::254", "unique local"),
        ("fe80::1%25eth0", "link-local"),
        ("64:ff9b::a00:1", "NAT64"),
        ("64:ff9b:1::a00:1", "NAT64"),
        ("2002:a00:1::", "6to4"),
        ("2001:0:a00::", "Teredo"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::10.0.0.1", "IPv4-compatible"),
        ("2130706433", "an odd way to write 127.0.0.1"),
        ("0x7f.1", "an odd way to write 127.0.0.1"),
        ("0177.0.0.1", "an odd way to write 127.0.0.1"),
        ("127.1", "an odd way to write 127.0.0.1"),
        ("134744072", "an odd way to write 8.8.8.8"),
        ("127.0.0.1.", "an odd way to write 127.0.0.1"),
        ("localhost", "this machine itself"),
        ("LOCALHOST.", "this machine itself"),
        ("a.localhost", "this machine itself"),
    ],
)
async def test_what_leads_inside_is_refused_before_any_name_is_looked_up(
    host: str, reason: str
) -> None:
    objection = guard().objection(host)

    assert objection is not None
    assert reason in objection
    with pytest.raises(DeliveryError) as refused:
        await guard().addresses(host, PORT)
    assert (refused.value.kind, refused.value.detail) == ("forbidden", objection)


async def test_the_public_internet_and_names_are_not_objected_to() -> None:
    for host in (
        "8.8.8.8",
        "2606:4700::1111",
        "example.com",
        "localhost.example.com",
        "10.example",
    ):
        assert guard().objection(host) is None


async def test_a_network_is_allowed_on_purpose_and_no_other() -> None:
    inside = guard("10.1.0.0/16", "fd00::/8")

    assert inside.objection("10.1.2.3") is None
    assert inside.objection("fd00::1") is None
    assert inside.objection("10.2.0.1") is not None
    assert inside.objection("localhost") is not None
    assert guard("127.0.0.0/8").objection("localhost") is None
    assert guard("::1/128").objection("a.localhost") is None
    assert "odd way" in (guard("127.0.0.0/8").objection("127.1") or "")


@pytest.mark.parametrize(
    "answer",
    [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["2606:4700::1111", "::ffff:10.0.0.1"], ["::1"]],
)
async def test_a_name_with_a_forbidden_address_is_refused(answer: list[str]) -> None:
    with pytest.raises(DeliveryError, match=r"evil\.test leads to a forbidden address") as refused:
        await guard(answers=[answer]).addresses("evil.test", PORT)

    assert refused.value.kind == "forbidden"


async def test_of_a_name_with_an_address_that_is_allowed_the_others_are_left_out() -> None:
    names = [["::1", "127.0.0.1", "8.8.8.8"]]

    found = await guard("127.0.0.0/8", answers=names).addresses("localhost", PORT)

    assert found == ("127.0.0.1", "8.8.8.8")


async def test_a_name_keeps_all_its_public_addresses_in_their_order() -> None:
    names = ["93.184.216.34", "2606:4700::1111"]

    assert await guard(answers=[names]).addresses("good.test", PORT) == tuple(names)


async def test_a_name_without_addresses_cannot_be_resolved() -> None:
    with pytest.raises(socket.gaierror):
        await guard(answers=[[]]).addresses("empty.test", PORT)


async def test_the_system_finds_the_addresses_unless_told_otherwise() -> None:
    inside = Guard([ip_network("127.0.0.0/8")])

    assert await inside.addresses("127.0.0.1", PORT) == ("127.0.0.1",)
    assert await inside.addresses("localhost", PORT) == ("127.0.0.1",)


async def test_a_name_that_changes_its_address_is_connected_to_where_it_was_looked_at() -> None:
    # What is allowed here stands for the public internet, what is not for the network inside.
    names = Names([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    sender = Sender(guard=Guard([ip_network("127.0.0.1/32")], resolve=names))
    async with receiver("127.0.0.1") as (port, seen):
        url = f"http://rebinding.test:{port}/"

        answer = await sender.post(url, {}, b"{}", 5)

        assert answer.status == 200
        assert names.asked == ["rebinding.test"]
        with pytest.raises(DeliveryError, match=r"rebinding.test leads to .* 127.0.0.2") as refused:
            await sender.post(url, {}, b"{}", 5)
        await sender.close()
    assert refused.value.kind == "forbidden"
    assert len(seen) == 1
    assert b"\r\nhost: rebinding.test:" in seen[0]
    assert len(names.asked) == 2  # a refusal is no loss on the way: it is not sent once more


async def test_a_second_address_is_tried_when_the_first_does_not_answer() -> None:
    names = Names([["127.0.0.2", "127.0.0.1"]])
    sender = Sender(guard=Guard([ip_network("127.0.0.0/8")], resolve=names))
    async with receiver("127.0.0.1") as (port, seen):
        await sender.post(f"http://two.test:{port}/", {}, b"{}", 5)
        await sender.close()

    assert len(seen) == 1


async def test_a_name_that_nobody_knows_is_an_error_of_its_own() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(DeliveryError) as failure:
        await Sender(guard=Guard(resolve=unknown)).post("http://no.test/", {}, b"{}", 5)

    assert failure.value.kind == "dns"
