"""Webhooks per second of one core, against aiohttp in the same run; a million of them in memory.

``make bench`` prints a Markdown table, with the load average at the time of each figure. Whatever
sends has one core, the receiver the other. All send the same signed 1.5 kB with sixteen requests
under way, in several short rounds in turn, of which the median counts. On a machine where others
work as well, the ratio by CPU time is the one to believe.
"""

import os
import platform
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from asking import Rate
from queued import print_queued
from servers import SERVER_CORE, can_pin
from talks import Talk, receiver, talking

ROUNDS = 7
MESSAGES = 8_000


@dataclass(frozen=True, slots=True)
class Row:
    """A way to send, and what it is compared with.

    Attributes:
        what: For the table.
        way: As ``sending.py`` knows it.
        baseline: The row that it is compared with, by its place.
        goal: For the ratio.
        unlike: Whether the head of every answer is another one.
    """

    what: str
    way: str
    baseline: int = 0
    goal: str = ""
    unlike: bool = False


ROWS = (
    Row("aiohttp (baseline)", "aiohttp"),
    Row("our sender", "sender"),
    Row("our sender, no two answers alike", "sender", unlike=True),
    Row("the dispatcher, attempts recorded", "recorded", goal="≥ 4"),
    Row("the same, attempts forgotten at once", "unrecorded"),
    Row("recorded, against forgotten", "", baseline=4, goal="≥ 0.95"),
)


def main() -> None:
    """Print the table."""
    if not can_pin():
        print("Deliveries are left out: they take two cores, Linux and its taskset.")
        return
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print("| what | messages | per second of CPU | ratio | goal | load average |")
    print("|---|---|---|---|---|---|")
    with ExitStack() as running:
        ports = {
            unlike: running.enter_context(receiver("--unlike" if unlike else "")).port
            for unlike in (False, True)
        }
        senders = [
            running.enter_context(_Sending.by(row.way, ports[row.unlike]))
            for row in ROWS
            if row.way
        ]
        rounds = [[sending.send(MESSAGES) for sending in senders] for _ in range(ROUNDS)]
    rates = [_median(each) for each in zip(*rounds, strict=True)]
    for place, row in enumerate(ROWS):
        ours = rates[place] if row.way else rates[row.baseline - 1]
        _print_row(row, ours, rates[row.baseline])
    if "--million" in sys.argv[1:]:
        print()
        print_queued()


def _median(rates: tuple[Rate, ...]) -> Rate:
    return Rate(
        statistics.median(rate.per_second for rate in rates),
        statistics.median(rate.per_cpu_second for rate in rates),
    )


def _print_row(row: Row, ours: Rate, baseline: Rate) -> None:
    ratio = ours.per_cpu_second / baseline.per_cpu_second
    cells = [
        row.what,
        f"{ours.per_second:,.0f}/s",
        f"{ours.per_cpu_second:,.0f}/s",
        f"{ratio:.2f}",
        row.goal,
        f"{os.getloadavg()[0]:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


class _Sending:
    """A program that sends in one way."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    @classmethod
    @contextmanager
    def by(cls, way: str, port: int) -> Iterator["_Sending"]:
        with talking(SERVER_CORE, "sending.py", way, str(port)) as talk:
            yield cls(talk)

    def send(self, messages: int) -> Rate:
        self._talk.say(str(messages))
        elapsed_s, used_s = map(float, self._talk.hear().split())
        return Rate(messages / elapsed_s, messages / used_s)


if __name__ == "__main__":
    main()
