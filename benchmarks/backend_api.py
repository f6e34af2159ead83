"""Requests per second of the fake Backend API, against its npm peer in the same run.

``make bench`` prints a Markdown table, with the load average at the time of each figure. The
server that is measured has one core, the load comes from the other. On a machine where others work
as well, the ratio by CPU time is the one to believe. Without npm or Node the peer is left out.
``--million`` fills the fake with a million users as well, which takes minutes.
"""

import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from asking import Client, Rate
from million import print_million
from servers import PEER, bare_asgi, can_pin, fake, peer, peer_program, started

STARTS = 5
ROUNDS = 5
READS = 6_000
CREATED = (10, 990, 3_000, 3_000, 3_000)
"""How many users are created at a time: after the first, second and last time lists are read."""

Command = Callable[[int], list[str]]


def main() -> None:
    """Print the table."""
    if not can_pin():
        print("The Backend API is left out: it takes two cores, Linux and its taskset.")
        return
    commands = [fake, *_peer_if_any()]
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print("| what | fake | peer | ratio | by CPU time | goal | load average |")
    print("|---|---|---|---|---|---|---|")
    _print_start(commands)
    with ExitStack() as running:
        clients = [
            Client(running.enter_context(started(command.__name__, command)), rotating=rotating)
            for command, rotating in zip(commands, (False, True), strict=False)
        ]
        _print_rates(clients)
        small = Client(running.enter_context(started("small", fake)))
        small.create(CREATED[0])
        pair = _best([small, clients[0]], lambda client: client.list(READS))
        _print_row("our list with 10 users, against 10,000", pair, goal="≤ 1.2")
        bare = Client(running.enter_context(started("bare ASGI", bare_asgi)))
        pair = _best([clients[0], bare], lambda client: client.get(READS))
        _print_row("GET one user, against a bare ASGI route", pair, goal="near 1")
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


def _print_start(commands: Sequence[Command]) -> None:
    """Print how long each takes to start, the median of several starts in turn."""
    times: list[list[Rate]] = [[] for _ in commands]
    for _ in range(STARTS):
        for command, taken in zip(commands, times, strict=True):
            with started(command.__name__, command) as server:
                taken.append(Rate(server.ready_s, server.cpu_s()))
    medians = [
        Rate(
            statistics.median(rate.per_second for rate in taken),
            statistics.median(rate.per_cpu_second for rate in taken),
        )
        for taken in times
    ]
    _print_row("ready (process start to first 200)", medians, goal="≤ 1", unit=" s")


def _print_rates(clients: Sequence[Client]) -> None:
    """Fill all with users, in steps, and print a row for everything that is measured meanwhile."""
    small, middle, *large = CREATED
    users = 0
    for steps in ([small], [middle], large):
        created = [[client.create(step) for client in clients] for step in steps]
        users += sum(steps)
        lists = _best(clients, lambda client: client.list(READS))
        _print_row(f"GET list of 10, {users:,} users", lists, goal="≥ 1.5")
    _print_row("POST user", [_fastest(rates) for rates in zip(*created, strict=True)], goal="≥ 1.5")
    _print_row("GET one user", _best(clients, lambda client: client.get(READS)), goal="≥ 1.5")


def _best(clients: Sequence[Client], ask: Callable[[Client], Rate]) -> list[Rate]:
    """Ask all in turn, several times; return the best rate of each, which is the undisturbed."""
    rounds = [[ask(client) for client in clients] for _ in range(ROUNDS)]
    return [_fastest(rates) for rates in zip(*rounds, strict=True)]


def _fastest(rates: Sequence[Rate]) -> Rate:
    return Rate(max(rate.per_second for rate in rates), max(rate.per_cpu_second for rate in rates))


def _print_row(what: str, rates: Sequence[Rate], *, goal: str, unit: str = "/s") -> None:
    ours, theirs = rates if len(rates) > 1 else (rates[0], None)
    digits = 2 if unit == " s" else 0
    cells = [what, f"{ours.per_second:,.{digits}f}{unit}"]
    if theirs is None:
        cells += ["", "", ""]
    else:
        cells += [
            f"{theirs.per_second:,.{digits}f}{unit}",
            f"{ours.per_second / theirs.per_second:.2f}",
            f"{ours.per_cpu_second / theirs.per_cpu_second:.2f}",
        ]
    print(f"| {' | '.join([*cells, goal, f'{os.getloadavg()[0]:.2f}'])} |", flush=True)


if __name__ == "__main__":
    main()
