"""Webhooks per second that one process commits, against a route that does nothing, and an upsert.

``make bench`` prints a Markdown table, with the load average at the time of each figure. The
receiver has one core; Postgres with fsync on, Redis and the load have the other. All get the same
signed 1.5 kB on 64 connections, in several rounds in turn, of which the median counts; on a machine
where others work as well the ratio by CPU time is the one to believe. Afterwards each acknowledged
message is looked for in the database.
"""

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from asking import Rate
from posting import Posted, moments, post, svix_id, user_id, webhooks
from servers import can_pin
from services import Ground, Service, ground, service_env

ROUNDS = 5
LATENCY_S = 10.0
MS = 1000
COLUMNS = (
    "acknowledged",
    "per second of CPU",
    "ratio",
    "by CPU time",
    "goal",
    "lost",
    "load average",
)


@dataclass(slots=True)
class Subject:
    """A receiver that is measured.

    Attributes:
        what: For the table.
        service: It runs.
        messages: In one round.
        stored: Which ids its database must hold: a statement, and the id by the message's number.
        rates: Of the rounds so far.
        numbers: Of the messages that it acknowledged.
    """

    what: str
    service: Service
    messages: int
    stored: tuple[str, Callable[[int], str]] | None = None
    rates: list[Rate] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def rate(self) -> Rate:
        """The median of the rounds."""
        return Rate(
            statistics.median(rate.per_second for rate in self.rates),
            statistics.median(rate.per_cpu_second for rate in self.rates),
        )

    def post(self, first: int) -> None:
        """Measure one round, with messages that are numbered from ``first``."""
        used = self.service.cpu_s()
        posted = self.take(first, self.messages)
        used = self.service.cpu_s() - used
        self.rates.append(Rate(posted.per_second, len(posted.acknowledged) / max(used, 0.01)))

    def take(self, first: int, messages: int, per_second: float | None = None) -> Posted:
        """Post messages, and keep in mind what was acknowledged."""
        requests = webhooks(range(first, first + messages))
        due = moments(messages, per_second=per_second) if per_second else ()
        posted = post(self.service.port, requests, due)
        if posted.refused:
            raise RuntimeError(f"{self.what} refused messages: {dict(posted.refused)}")
        self.numbers.extend(first + place for place in posted.acknowledged)
        return posted

    def lost(self) -> int:
        """Count what was acknowledged and is not there."""
        if self.stored is None:
            return 0
        statement, id_of = self.stored
        return len({id_of(number) for number in self.numbers} - self.service.column(statement))


def main() -> None:
    """Print the tables."""
    if not can_pin():
        print("Ingest is left out: it takes two cores, Linux and its taskset.")
        return
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    with ground() as running:
        bare, ours, upsert = subjects = _start(running)
        numbers = count(0, 1_000_000)
        for subject in subjects:
            subject.take(next(numbers), 500)
        for _ in range(ROUNDS):
            for subject in subjects:
                subject.post(next(numbers))
        _print_rates(bare, ours, upsert)
        print()
        _print_latencies(bare, ours, numbers)


def _start(running: Ground) -> tuple[Subject, Subject, Subject]:
    env = service_env(running)
    theirs = env | {"DATABASE_URL": running.new_database()}
    return (
        Subject(
            "bare route, nothing kept (baseline)", running.script("bare_webhook.py", {}), 10_000
        ),
        Subject(
            "`clerk_sync`, committed to its inbox",
            running.api(env),
            10_000,
            ("SELECT svix_id FROM inbox", svix_id),
        ),
        Subject(
            "upsert in the handler, a commit each",
            running.script("upsert_receiver.py", theirs),
            2_000,
            ("SELECT clerk_id FROM users", user_id),
        ),
    )


def _print_rates(bare: Subject, ours: Subject, upsert: Subject) -> None:
    print(f"| what | {' | '.join(COLUMNS)} |")
    print("|---|---|---|---|---|---|---|---|")
    for subject in (bare, ours, upsert):
        _print_rate(subject, subject.what, bare, "≥ 0.35" if subject is ours else "")
    _print_rate(ours, "`clerk_sync`, against the upsert", upsert, "≥ 3")


def _print_rate(subject: Subject, what: str, baseline: Subject, goal: str) -> None:
    cells = [
        what,
        f"{subject.rate.per_second:,.0f}/s",
        f"{subject.rate.per_cpu_second:,.0f}/s",
        f"{subject.rate.per_second / baseline.rate.per_second:.2f}",
        f"{subject.rate.per_cpu_second / baseline.rate.per_cpu_second:.2f}",
        goal,
        "" if subject.stored is None else str(subject.lost()),
        f"{os.getloadavg()[0]:.2f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


def _print_latencies(bare: Subject, ours: Subject, numbers: "count[int]") -> None:
    half = ours.rate.per_second / 2
    print("| acknowledgement at a rate | offered | p50 | p95 | p99 | goal | lost | load average |")
    print("|---|---|---|---|---|---|---|---|")
    for subject, goal in ((bare, ""), (ours, "p95 < 20 ms")):
        posted = subject.take(next(numbers), int(half * LATENCY_S), half)
        cells = [
            subject.what,
            f"{half:,.0f}/s",
            *(f"{posted.percentile_s(percent) * MS:.1f} ms" for percent in (50, 95, 99)),
            goal,
            "" if subject.stored is None else str(subject.lost()),
            f"{os.getloadavg()[0]:.2f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
