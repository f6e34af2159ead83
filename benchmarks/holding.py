"""What it costs to hold more: a state file, thousands of instances, users made in bulk.

``make bench`` prints a Markdown table, with the load average at the time of each figure. Each row
is measured against its baseline in the same run; servers have one core, the load the other.
"""

import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asking import Client, Rate
from load import LOOPBACK, request
from servers import KEY, Server, fake, started

from clerk_harness.clerk import ClerkServer
from clerk_harness.factories import Factories

ROUNDS = 3
CREATED = 3_000
INSTANCES = 5_000
BATCH = 1_000
SINGLE = 300
CONTROL = "/__fake__"


def main() -> None:
    """Print the table."""
    print("| what | figure | baseline | ratio | by CPU time | goal | load average |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clerk.state"
        _print_writing(file)
        _print_reviving(file)
    with started("fake", fake) as server:
        _print_instances(server)
    with started("fake", fake) as server:
        _print_factories(server)


def _kept_in(file: Path) -> Callable[[int], list[str]]:
    return lambda port: [*fake(port), "--state", str(file)]


def _print_writing(file: Path) -> None:
    with started("fake", fake) as plain, started("fake", _kept_in(file)) as kept:
        clients = [Client(kept), Client(plain)]
        rounds = [[client.create(CREATED) for client in clients] for _ in range(ROUNDS)]
    ours, theirs = (max(rates) for rates in zip(*rounds, strict=True))
    _print_rates("POST user with `--state`, against memory only", ours, theirs, goal="")


def _print_reviving(file: Path) -> None:
    users = ROUNDS * CREATED
    with started("fake", _kept_in(file)) as server:
        revived = server.ready_s
    with started("fake", fake) as server:
        new = server.ready_s
    size_mb = file.stat().st_size / 1e6
    what = f"ready with {users:,} users in a state file ({size_mb:.0f} MB), against a new one"
    _print_row(what, f"{revived:.2f} s", f"{new:.2f} s", revived / new)


def _print_instances(server: Server) -> None:
    with _asking(server) as ask:
        for _ in range(100):
            ask("POST", "/instances")
        health = statistics.median(ask("GET", "/health") for _ in range(INSTANCES))
        before = server.resident_bytes()
        made = statistics.median(ask("POST", "/instances") for _ in range(INSTANCES))
        each = (server.resident_bytes() - before) / INSTANCES
    what = f"POST /__fake__/instances, {INSTANCES:,} times, against GET health"
    _print_row(what, f"{made:.2f} ms", f"{health:.2f} ms", made / health, goal="< 1 ms")
    _print_row("memory of an empty instance", f"{each / 1024:.1f} kB", "", None)


@contextmanager
def _asking(server: Server) -> Iterator[Callable[[str, str], float]]:
    """Yield a function that asks over one kept connection and returns how long that took, ms."""
    with socket.create_connection((LOOPBACK, server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask(method: str, path: str) -> float:
            asked = time.perf_counter()
            connection.sendall(request(method, CONTROL + path, KEY))
            head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
            announced = int(head.lower().partition(b"content-length: ")[2].split()[0])
            while len(body) < announced:
                body += connection.recv(1 << 16)
            return (time.perf_counter() - asked) * 1000

        yield ask


def _print_factories(server: Server) -> None:
    clerk = ClerkServer(f"http://{LOOPBACK}:{server.port}").new_instance()
    with Factories.seeded(clerk, 1) as factories:
        batches = [_per_second(BATCH, factories.user.create_batch) for _ in range(ROUNDS)]
        single = [_per_second(SINGLE, lambda n: [factories.user() for _ in range(n)])]
    clerk.remove()
    what = f"UserFactory.create_batch({BATCH:,}), against one by one"
    batch, alone = max(batches), max(single)
    _print_row(what, f"{batch:,.0f}/s", f"{alone:,.0f}/s", batch / alone)


def _per_second(count: int, make: Callable[[int], object]) -> float:
    begun = time.perf_counter()
    make(count)
    return count / (time.perf_counter() - begun)


def _print_rates(what: str, ours: Rate, theirs: Rate, *, goal: str) -> None:
    ratio = ours.per_second / theirs.per_second
    by_cpu = f"{ours.per_cpu_second / theirs.per_cpu_second:.2f}"
    figures = f"{ours.per_second:,.0f}/s", f"{theirs.per_second:,.0f}/s"
    _print_row(what, *figures, ratio, by_cpu=by_cpu, goal=goal)


def _print_row(  # noqa: PLR0913 - the columns of the table
    what: str,
    figure: str,
    baseline: str,
    ratio: float | None,
    *,
    by_cpu: str = "",
    goal: str = "",
) -> None:
    shown = "" if ratio is None else f"{ratio:.2f}"
    cells = [what, figure, baseline, shown, by_cpu, goal, f"{os.getloadavg()[0]:.2f}"]
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
