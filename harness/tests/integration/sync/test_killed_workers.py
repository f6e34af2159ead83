"""A real worker, killed at each boundary of its work: whoever comes next does it, once.

The worker is brought to a stand by a lock that the test holds, and dies there by SIGKILL.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from running import Processes

from clerk_harness.waiting import eventually

Lock = Callable[["psycopg.Connection[Any]", str], None]


def _table(name: str, mode: str) -> Lock:
    def lock(connection: "psycopg.Connection[Any]", _id: str) -> None:
        connection.execute(f"LOCK TABLE {name} IN {mode} MODE")

    return lock


def _record(connection: "psycopg.Connection[Any]", clerk_id: str) -> None:
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"user:{clerk_id}"]
    )


def _inbox_row(connection: "psycopg.Connection[Any]", svix_id: str) -> None:
    connection.execute("SELECT FROM inbox WHERE svix_id = %s FOR UPDATE", [svix_id])


BOUNDARIES = {
    "before it claims": _table("inbox", "SHARE ROW EXCLUSIVE"),
    "before it locks the record": _record,
    "before it looks up the record": _table("users", "ACCESS EXCLUSIVE"),
    "before it writes the record": _table("users", "EXCLUSIVE"),
    "between the record and its addresses": _table("user_emails", "EXCLUSIVE"),
    "before it writes the audit log": _table("audit_log", "EXCLUSIVE"),
    "before it writes the side effect": _table("effects", "EXCLUSIVE"),
}


@contextmanager
def _locked(url: str, lock: Lock, of: str = "") -> Iterator[None]:
    with psycopg.connect(url) as connection:
        lock(connection, of)
        yield
        connection.rollback()


def _wait_until_it_waits(url: str, where: str) -> None:
    def waiting() -> bool:
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute("""
                SELECT FROM pg_stat_activity
                WHERE application_name = 'clerk_sync worker' AND wait_event_type = 'Lock'
            """)
            return found.fetchone() is not None

    eventually(waiting, within=15, describe=f"the worker waits {where}")


def _check_done_once(processes: Processes, svix_id: str, clerk_id: str) -> None:
    (row,) = processes.wait_applied([svix_id], within=20)
    assert row["applications"] == 1
    assert processes.get(f"/users/{clerk_id}")["email"] == f"{clerk_id}@example.com"
    done = [each["clerk_id"] for each in processes.get("/effects")["data"]]
    assert done.count(clerk_id) == 1
    logged = [each["subject"] for each in processes.get("/audit")["data"]]
    assert logged.count(f"user:{clerk_id}") == 1


def test_a_worker_killed_anywhere_leaves_nothing_half_done(processes: Processes) -> None:
    url = processes.env["DATABASE_URL"]
    worker = processes.worker
    for number, (boundary, lock) in enumerate(BOUNDARIES.items()):
        clerk_id = f"user_{number}"
        worker.freeze()
        svix_id = processes.deliver("user.created", clerk_id)
        with _locked(url, lock, clerk_id):
            worker.thaw()
            _wait_until_it_waits(url, boundary)
            worker.kill()
        worker = processes.start("worker")
        _check_done_once(processes, svix_id, clerk_id)


def test_a_worker_killed_before_it_settles_the_webhook_leaves_nothing_half_done(
    processes: Processes,
) -> None:
    url = processes.env["DATABASE_URL"]
    with _locked(url, _table("effects", "EXCLUSIVE")):
        svix_id = processes.deliver("user.created")
        _wait_until_it_waits(url, "before the side effect")
        row = psycopg.connect(url)
        _inbox_row(row, svix_id)
    with row:
        # It goes on to the last statement before its commit.
        _wait_until_it_waits(url, "before it settles")
        processes.worker.kill()
        row.rollback()
    processes.start("worker")
    _check_done_once(processes, svix_id, "user_1")


def test_a_worker_killed_while_it_notes_a_failure_leaves_the_webhook_to_the_next(
    processes: Processes, clerk_double: Any
) -> None:
    url = processes.env["DATABASE_URL"]
    first = processes.deliver("user.created")
    processes.wait_applied([first], within=10)
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": "never"}
    clerk_double.gate.clear()
    tied = processes.deliver("user.updated", first_name="Other")
    eventually(lambda: clerk_double.asked, within=10)
    with _locked(url, _inbox_row, tied):
        clerk_double.gate.set()
        _wait_until_it_waits(url, "while it notes the failure")
        processes.worker.kill()
    clerk_double.users["user_1"] = {"id": "user_1", "updated_at": 1000, "first_name": "Clerk"}
    processes.start("worker")
    (row,) = processes.wait_applied([tied], within=20)
    assert (row["applications"], row["last_error"]) == (1, None)
    assert processes.get("/users/user_1")["first_name"] == "Clerk"


def test_a_worker_killed_after_the_commit_has_done_its_work(processes: Processes) -> None:
    svix_id = processes.deliver("user.created")
    processes.wait_applied([svix_id], within=10)
    processes.worker.kill()
    processes.start("worker")
    later = processes.deliver("user.updated", version=2000)
    processes.wait_applied([later], within=20)
    assert processes.row(svix_id)["applications"] == 1
    assert len(processes.get("/effects")["data"]) == 1
