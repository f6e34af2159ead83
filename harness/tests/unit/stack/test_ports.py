import random
import socket
from pathlib import Path

from clerk_harness.stack.ports import free_port, is_free


def test_a_port_is_chosen_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) > 40
    assert all(20_000 <= port < max(lowest, 21_000) for port in ports)


def test_a_port_with_a_server_is_passed_over() -> None:
    first = free_port(random.Random(7))  # noqa: S311 - not a secret
    with socket.socket() as server:
        server.bind(("127.0.0.1", first))
        server.listen()
        assert not is_free(first)
        assert free_port(random.Random(7)) != first  # noqa: S311 - not a secret
    assert is_free(first)
