"""Choosing a port that stays ours when the service is killed and started again."""

import random
import socket
from pathlib import Path

from clerk_harness.stack.errors import StackError

__all__ = ["LOOPBACK", "free_port", "is_free"]

LOOPBACK = "127.0.0.1"

_LOWEST = 20_000
_USUAL_EPHEMERAL = 32_768
_ENOUGH = 1_000
_TRIES = 200


def free_port(rng: random.Random | None = None) -> int:
    """Pick a free port below the range from which the kernel serves outgoing connections.

    So no client of the run can happen to sit on the port while its service is down. Another
    process may still take it before it is used: bind, and on failure pick again.

    Raises:
        StackError: None is free.
    """
    rng = rng or random.Random()  # noqa: S311 - not a secret
    for _ in range(_TRIES):
        port = rng.randrange(*_range())
        if is_free(port):
            return port
    raise StackError("no free port was found", "end some of the programs that listen on loopback")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        # As servers do: a connection in TIME_WAIT does not make a port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _range() -> tuple[int, int]:
    try:
        text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
        ephemeral = int(text.split()[0])
    except (OSError, ValueError, IndexError):
        ephemeral = _USUAL_EPHEMERAL
    # Where the kernel was given nearly all ports there is no safe place below: share it.
    return (_LOWEST, ephemeral if ephemeral >= _LOWEST + _ENOUGH else _USUAL_EPHEMERAL)
