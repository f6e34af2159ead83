"""How long ``clerk-sync reconcile`` takes over a whole Clerk, and how much memory.

100,000 users in the fake, all of them in the local database, then 1 % of drift: a quarter each
missing here, bent here, with lost addresses, and gone in Clerk. The baseline only lists all pages.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from clerk_harness.clerk import ClerkInstance, ClerkServer, Post
from clerk_harness.stack import Workspace, open_stack

PAGE = 500
AT_ONCE = 2_000
MOST_S, MOST_MB = 60, 200


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: seconds, of its own on a core, peak resident MB, and what it printed."""

    seconds: float
    cpu_s: float
    megabytes: float
    printed: str


def main() -> int:
    """Run the benchmark and print its table; exits with 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    users = parser.parse_args().users
    with Workspace.open("reconciling") as workspace:
        clerk = ClerkServer.start(workspace).new_instance(seed=1)
        stack = open_stack("embedded", workspace)
        env = {
            **clerk.env(),
            "CLERK_API_URL": clerk.keys.api_url,
            "DATABASE_URL": stack.postgres.create_database("reconciling"),
            "REDIS_URL": stack.redis.url,
        }
        _fill(clerk, users)
        _run(env, "migrate")
        listing = _list_all(clerk)
        backfill = _run(env, "backfill")
        drift = _bend(env["DATABASE_URL"], clerk, users // 400)
        load = os.getloadavg()[0]
        repair = _run(env, "reconcile", "--grace", "0")
        again = _run(env, "reconcile", "--grace", "0")
    print(f"| {users:,} users, {drift:,} with drift | s | own CPU s | peak MB |")
    print("|---|---|---|---|")
    print(f"| only listing all pages, httpx | {listing:.1f} | | |")
    for name, ran in (
        ("backfill into an empty database", backfill),
        ("reconcile, 1 % drift", repair),
        ("reconcile again, no drift", again),
    ):
        print(f"| {name} | {ran.seconds:.1f} | {ran.cpu_s:.1f} | {ran.megabytes:.0f} |")
    print(f"\nreconcile / listing = {repair.seconds / listing:.1f}; load average before {load:.1f}")
    told = f"{drift} repaired" in repair.printed and "\n  0 repaired" in again.printed
    if not told:
        print(repair.printed, again.printed, file=sys.stderr)
    fits = repair.seconds < MOST_S and repair.megabytes < MOST_MB
    return 0 if told and fits else 1


def _fill(clerk: ClerkInstance, users: int) -> None:
    # In parts: a child is charged with the memory that this process has when it starts it.
    for start in range(0, users, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, users))
        clerk.post_all([Post("/users", _person(number)) for number in numbers])


def _person(number: int) -> dict[str, object]:
    return {
        "email_address": [f"person.{number}@example.com"],
        "first_name": f"Person {number}",
        "public_metadata": {"plan": "pro", "seats": number % 7},
        "skip_password_requirement": True,
    }


def _list_all(clerk: ClerkInstance) -> float:
    headers = {"Authorization": f"Bearer {clerk.keys.secret_key}"}
    started = time.perf_counter()
    with httpx.Client(base_url=clerk.keys.api_url, headers=headers, timeout=60) as http:
        offset = 0
        while rows := http.get(
            "/users", params={"limit": PAGE, "offset": offset, "order_by": "+created_at"}
        ).json():
            offset += len(rows)
    return time.perf_counter() - started


def _bend(database_url: str, clerk: ClerkInstance, each: int) -> int:
    """Make drift of four kinds; return how many users have some."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = connection.execute("SELECT clerk_id FROM users WHERE seq % 97 = 0 ORDER BY seq")
        ids = [clerk_id for (clerk_id,) in found][: 4 * each]
        parts = [ids[start : start + each] for start in range(0, 4 * each, each)]
        connection.execute(
            "DELETE FROM user_emails WHERE clerk_id = ANY(%s)", (parts[0] + parts[1],)
        )
        connection.execute("DELETE FROM users WHERE clerk_id = ANY(%s)", (parts[0],))
        connection.execute(
            "UPDATE users SET banned = true, first_name = 'Bent' WHERE clerk_id = ANY(%s)",
            (parts[2],),
        )
    for clerk_id in parts[3]:
        clerk.users.delete(clerk_id)
    return sum(map(len, parts))


def _run(env: dict[str, str], *command: str) -> Ran:
    """Run a command of the service and measure that process alone."""
    with tempfile.TemporaryFile("w+") as printed:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "clerk_sync", *command],
            env=os.environ | env,
            stdout=printed,
            cwd=Path(__file__).parent,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError(f"{command[0]} exited with {process.returncode}")
        printed.seek(0)
        return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed.read())


if __name__ == "__main__":
    sys.exit(main())
