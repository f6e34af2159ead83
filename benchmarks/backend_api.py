"""Requests per second of the fake Backend API, against its npm peer in the same run.

``make bench`` prints a Markdown table, with the load average at the time of each figure. The
server that is measured has one core, the load comes from the other. Without npm or Node the peer
is left out. ``--million`` fills the fake with a million users as well, which takes minutes.
"""

import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from asking import Client
from million import print_million
from servers import PEER, bare_asgi, fake, peer, peer_program, started

STARTS = 5
ROUNDS = 3
READS = 6_000
CREATED = (10, 990, 3_000, 3_000, 3_000)
"""How many users are created at a time: after the first, second and last time lists are read."""

Command = Callable[[int], list[str]]


def main() -> None:
    """Print the table."""
    commands = [fake, *_peer_if_any()]
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print("| what | fake | peer | ratio | goal | load average |")
    print("|---|---|---|---|---|---|")
    _print_row("ready (process start to first 200)", _ready(commands), "s", goal="≤ 1")
    with ExitStack() as running:
        ceiling = Client(running.enter_context(started("bare", bare_asgi)))
        clients = [
            Client(running.enter_context(started(command.__name__, command)), rotating=rotating)
            for command, rotating in zip(commands, (False, True), strict=False)
        ]
        for row in _rates(clients):
            _print_row(*row)
        bare = _best([ceiling], lambda client: client.list(READS))
        ours = _best(clients[:1], lambda client: client.get(READS))
        _print_row("GET one user, against a bare ASGI route", [*ours, *bare], "/s", goal="near 1")
    if "--million" in sys.argv[1:]:
        print()
        print_million()


def _peer_if_any() -> list[Command]:
    try:
        peer_program()
    except RuntimeError as missing:
        print(f"The peer {PEER} is left out: {missing}.\n")
        return []
    return [peer]


def _ready(commands: Sequence[Command]) -> list[float]:
    """Return how long each takes to start, the median of several starts in turn."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(STARTS):
        for command, taken in zip(commands, times, strict=True):
            with started(command.__name__, command) as server:
                taken.append(server.ready_s)
    return [statistics.median(taken) for taken in times]


def _rates(clients: Sequence[Client]) -> Iterator[tuple[str, list[float], str, str]]:
    """Fill all with users, in steps; yield a row for everything that is measured meanwhile."""
    small, middle, *large = CREATED
    lists = {}
    for users, steps in ((small, [small]), (small + middle, [middle]), (sum(CREATED), large)):
        created = [[client.create(step) for step in steps] for client in clients]
        lists[users] = _best(clients, lambda client: client.list(READS))
        yield f"GET list of 10, {users:,} users", lists[users], "/s", "≥ 1.5"
    yield "POST user", [max(rates) for rates in created], "/s", "≥ 1.5"
    yield "GET one user", _best(clients, lambda client: client.get(READS)), "/s", "≥ 1.5"
    flatness = [lists[small][0], lists[sum(CREATED)][0]]
    yield "our list with 10 users, against 10,000", flatness, "/s", "≤ 1.2"


def _best(clients: Sequence[Client], ask: Callable[[Client], float]) -> list[float]:
    """Ask all in turn, several times; return the best rate of each, which is the undisturbed."""
    rounds = [[ask(client) for client in clients] for _ in range(ROUNDS + 1)]
    return [max(rates) for rates in zip(*rounds, strict=True)]


def _print_row(what: str, figures: Sequence[float], unit: str, goal: str) -> None:
    ours, theirs = figures if len(figures) > 1 else (figures[0], None)
    cells = [
        what,
        _shown(ours, unit),
        "" if theirs is None else _shown(theirs, unit),
        "" if theirs is None else f"{ours / theirs:.2f}",
        goal,
        f"{os.getloadavg()[0]:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


def _shown(figure: float, unit: str) -> str:
    return f"{figure:.2f} {unit}" if unit == "s" else f"{figure:,.0f}{unit}"


if __name__ == "__main__":
    main()
