"""From a change in Clerk to the local row: at a few changes per second, and at two hundred.

``make bench`` prints a Markdown table, with the load average at the time of each figure. The fake,
its dispatcher, Postgres, Redis, API, sweeper and a worker with two pool processes share all cores,
as they are deployed. A latency counts from the moment at which the call to Clerk's API was due to
the first look, of one every 5 ms, that finds the user in the service's table.
"""

import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

import psycopg
from load import request
from posting import moments, post

from clerk_harness.opening import Surroundings, open_deployment
from clerk_harness.reference import reference_target
from clerk_harness.stack import Workspace
from clerk_harness.target import Deployment

LOOK_S = 0.005
LONGEST_S = 60.0
MS = 1000
OK = 200
NEW = "SELECT seq, external_id FROM users WHERE seq > %s AND external_id IS NOT NULL"
OUT_OF_ORDER = 1_000
"""Rows become visible in another order than they are numbered in, within this many."""
ARRIVED = """
    SELECT u.external_id, extract(epoch FROM i.received_at)::float8
    FROM users u JOIN inbox i USING (clerk_id) WHERE u.external_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Changes at a rate.

    Attributes:
        what: For the table.
        per_second: How many.
        seconds: For how long.
        goal: For the figure.
    """

    what: str
    per_second: float
    seconds: float
    goal: str = ""


WARM_UP = Row("", 50, 3)
ROWS = (
    Row("20 users per second (baseline)", 20, 15),
    Row("200 users per second", 200, 20, "p95 < 250 ms"),
)


@dataclass(slots=True)
class _Watch:
    """When each user was first seen, by the name that the benchmark gave it."""

    url: str
    seen_at: dict[str, float] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def look_on(self) -> None:
        """Look until told to stop."""
        newest = 0
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.stopping.wait(LOOK_S):
                found = connection.execute(NEW, [newest - OUT_OF_ORDER]).fetchall()
                now = time.time()
                for seq, name in found:
                    newest = max(newest, seq)
                    self.seen_at.setdefault(name, now)


def main() -> None:
    """Print the table."""
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print("| what | in the inbox p95 | row p50 | row p95 | row p99 | goal | lost | load average |")
    print("|---|---|---|---|---|---|---|---|")
    numbers = count()
    with Workspace.open("bench") as workspace:
        deployment = open_deployment(reference_target(), Surroundings(), workspace)
        with _watching(deployment) as watch:
            _measure(WARM_UP, deployment, watch, numbers)
            for row in ROWS:
                print(_measure(row, deployment, watch, numbers), flush=True)
        deployment.stop()


@contextmanager
def _watching(deployment: Deployment) -> Iterator[_Watch]:
    watch = _Watch(_database(deployment))
    thread = threading.Thread(target=watch.look_on)
    thread.start()
    try:
        yield watch
    finally:
        watch.stopping.set()
        thread.join()


def _measure(row: Row, deployment: Deployment, watch: _Watch, numbers: "count[int]") -> str:
    names = [f"bench_{next(numbers)}" for _ in range(int(row.per_second * row.seconds))]
    due_s = moments(len(names), per_second=row.per_second)
    keys = deployment.clerk.keys
    calls = [request("POST", "/v1/users", keys.secret_key, _person(name)) for name in names]
    posted = post(urlsplit(keys.api_url).port or 0, calls, due_s, ok=OK)
    if posted.refused:
        raise RuntimeError(f"Clerk refused users: {dict(posted.refused)}")
    due_at = dict(zip(names, (posted.begun_at + due for due in due_s), strict=True))
    lost = len(names) - _wait_for(names, watch)
    with psycopg.connect(_database(deployment)) as connection:
        arrived = {
            name: at - due_at[name] for name, at in connection.execute(ARRIVED) if name in due_at
        }
    visible = [watch.seen_at[name] - due_at[name] for name in names if name in watch.seen_at]
    cells = [
        row.what,
        _ms(list(arrived.values()), 95),
        *(_ms(visible, percent) for percent in (50, 95, 99)),
        row.goal,
        str(lost),
        f"{os.getloadavg()[0]:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _wait_for(names: list[str], watch: _Watch) -> int:
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline and not watch.seen_at.keys() >= set(names):
        time.sleep(LOOK_S)
    return len(watch.seen_at.keys() & set(names))


def _ms(latencies_s: list[float], percent: float) -> str:
    ranked = sorted(latencies_s)
    return f"{ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] * MS:.0f} ms"


def _person(name: str) -> bytes:
    return json.dumps(
        {
            "email_address": [f"{name}@example.com"],
            "first_name": "First",
            "last_name": "Last",
            "external_id": name,
            "skip_password_requirement": True,
        }
    ).encode()


def _database(deployment: Deployment) -> str:
    if deployment.stack is None:
        raise RuntimeError("the reference service leans on a stack")
    return deployment.stack.postgres.url


if __name__ == "__main__":
    main()
