"""How long until everything is ready, against a bare interpreter in the same run.

``make bench`` prints a Markdown table, with the load average at the time of each figure; with
``--with-matrix`` the whole of ``make validate`` is timed as well. Nothing here is a test: on a
shared machine a second says little, a ratio more.
"""

import os
import platform
import statistics
import subprocess
import sys
import time

from clerk_harness.clerk import ClerkServer
from clerk_harness.opening import Surroundings, open_deployment
from clerk_harness.reference import reference_target
from clerk_harness.stack import Workspace, open_stack

ROUNDS = 5


def bare_interpreter() -> float:
    """Start Python and end it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - started


def fake_alone() -> float:
    """From nothing to the ready line of the fake."""
    with Workspace.open("bench") as workspace:
        started = time.perf_counter()
        server = ClerkServer.start(workspace)
        ready = time.perf_counter() - started
        server.close()
    return ready


def stack_alone() -> float:
    """From nothing to a healthy Postgres and Redis."""
    with Workspace.open("bench") as workspace:
        started = time.perf_counter()
        open_stack("embedded", workspace)
        return time.perf_counter() - started


def everything() -> float:
    """From nothing to fake, Postgres, Redis, migrated service, worker and sweeper all ready."""
    with Workspace.open("bench") as workspace:
        started = time.perf_counter()
        deployment = open_deployment(reference_target(), Surroundings(), workspace)
        ready = time.perf_counter() - started
        deployment.stop()
    return ready


def matrix() -> float:
    """The whole main job, its report included."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "clerk_harness", "validate"], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    figures = [
        ("bare interpreter (baseline)", bare_interpreter, ROUNDS, ""),
        ("fake alone ready", fake_alone, ROUNDS, "< 0.4 s"),
        ("Postgres and Redis healthy", stack_alone, ROUNDS, ""),
        ("fake, stack, service, worker ready", everything, ROUNDS, "< 4 s"),
    ]
    if "--with-matrix" in sys.argv[1:]:
        figures.append(("whole validate", matrix, 1, "< 90 s"))
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print("| what | median | fastest | ratio to baseline | goal | load average |")
    print("|---|---|---|---|---|---|")
    baseline = 0.0
    for name, measure, rounds, goal in figures:
        times = [measure() for _ in range(rounds)]
        median = statistics.median(times)
        baseline = baseline or median
        load = os.getloadavg()[0]
        print(
            f"| {name} | {median:.2f} s | {min(times):.2f} s | {median / baseline:.0f} |"
            f" {goal} | {load:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
