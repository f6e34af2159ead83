"""``clerk-sync reconcile | backfill | replay | status`` as they are run."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from clerk_harness.clerk import ClerkInstance, Post
from clerk_harness.waiting import eventually
from clerk_sync.__main__ import main

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(clerk_env: dict[str, str]) -> Run:
    def ran(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clerk_sync", *arguments],
            env=os.environ | clerk_env | changed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return ran


def sql(env: dict[str, str], statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return list(found) if found.description else []


def test_a_dry_run_exits_with_2_while_there_is_drift_and_with_0_afterwards(
    run: Run, clerk: ClerkInstance, clerk_env: dict[str, str]
) -> None:
    clerk.users.create("ada@example.com")
    looked = run("reconcile", "--dry-run")
    assert looked.returncode == 2, looked.stderr
    assert "user: 1 seen, 1 missing here" in looked.stdout
    assert "would be repaired" in looked.stdout
    assert sql(clerk_env, "SELECT count(*) FROM users") == [(0,)]
    filled = run("backfill")
    assert filled.returncode == 0, filled.stderr
    sql(clerk_env, "UPDATE users SET first_name = 'Bent', banned = true")
    repaired = run("reconcile")
    assert repaired.returncode == 0, repaired.stderr
    assert "fields: banned 1, first_name 1" in repaired.stdout
    assert sql(clerk_env, "SELECT first_name, banned FROM users") == [(None, False)]
    assert run("reconcile", "--dry-run").returncode == 0
    ahead = "UPDATE users SET first_name = 'FUT', clerk_updated_at = clerk_updated_at + 86400000"
    sql(clerk_env, ahead)
    newer = run("reconcile", "--dry-run")
    assert newer.returncode == 2, newer.stderr
    assert "user: 1 seen, 1 newer here than in Clerk" in newer.stdout
    brought_back = run("reconcile")
    assert brought_back.returncode == 0, brought_back.stderr
    assert sql(clerk_env, "SELECT first_name FROM users") == [(None,)]
    assert run("reconcile", "--dry-run").returncode == 0
    status = json.loads(run("status", "--json").stdout)
    assert status["records"]["users"] == 1
    assert set(status["repairs"]) == {"backfill", "reconcile"}
    assert "users" in run("status").stdout


def test_without_postgres_or_clerk_it_exits_with_1_and_says_so_in_one_line(run: Run) -> None:
    nowhere = run("reconcile", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "clerk_sync: Postgres did not answer" in nowhere.stderr.splitlines()[-1]
    wrong = run("reconcile", CLERK_SECRET_KEY="sk_test_wrong")
    assert wrong.returncode == 1
    assert "refuses with 401: see CLERK_SECRET_KEY" in wrong.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["replay"],
        ["replay", "--dead", "--since", "1h"],
        ["replay", "--since", "yesterday"],
        ["reconcile", "--rate", "-1"],
        ["reconcile", "--rate", "nan"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_3(arguments: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_that_is_killed_goes_on_where_it_was(
    run: Run, clerk: ClerkInstance, clerk_env: dict[str, str]
) -> None:
    clerk.post_all(
        [
            Post(
                "/users",
                {"email_address": [f"p{n}@x.example"], "skip_password_requirement": True},
            )
            for n in range(1200)
        ]
    )
    argv = [sys.executable, "-m", "clerk_sync", "reconcile", "--rate", "2"]
    first = subprocess.Popen(
        argv, env=os.environ | clerk_env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually(
            lambda: sql(clerk_env, "SELECT 1 FROM repair_runs WHERE progress->>'offset' <> '0'"),
            within=30,
        )
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait(10)
    assert 0 < sql(clerk_env, "SELECT count(*) FROM users")[0][0] < 1200
    second = run("reconcile")
    assert second.returncode == 0, second.stderr
    assert ", resumed" in second.stdout
    assert "user: 1200 seen, 1200 missing here" in second.stdout
    assert sql(clerk_env, "SELECT count(*) FROM users") == [(1200,)]


def test_a_replay_says_how_many_and_only_dry_it_changes_nothing(
    run: Run, clerk_env: dict[str, str]
) -> None:
    sql(
        clerk_env,
        """
        INSERT INTO inbox (svix_id, event_type, clerk_id, payload, state, attempts, applications,
                           deliveries, received_at, claimable_at, wake_at, wakes, last_error)
        SELECT 'msg_' || n, CASE WHEN n % 2 = 0 THEN 'user.created' ELSE 'user.updated' END,
               'user_' || n, '{}', CASE WHEN n <= 6 THEN 'dead' ELSE 'applied' END, 8, 0, 1,
               now() - n * interval '1 minute', now(), now(), 3, 'it broke'
        FROM generate_series(1, 10) AS n
        """,
    )
    states = "SELECT state, count(*), max(attempts) FROM inbox GROUP BY state ORDER BY state"
    before = sql(clerk_env, states)
    dry = run("replay", "--dead", "--dry-run")
    assert (dry.returncode, dry.stdout.splitlines()[-1].split()) == (
        0,
        ["6", "would", "be", "replayed"],
    )
    assert sql(clerk_env, states) == before
    some = run("replay", "--dead", "--type", "user.created")
    assert some.stdout.split() == ["3", "user.created", "3", "replayed"]
    assert sql(clerk_env, states) == [("applied", 4, 8), ("dead", 3, 8), ("received", 3, 0)]
    rest = run("replay", "--since", "510s")
    assert rest.stdout.splitlines()[-1].split() == ["5", "replayed"]
    assert sql(clerk_env, states) == [("applied", 2, 8), ("received", 8, 0)]


def test_without_redis_a_replay_leaves_the_waking_to_the_sweeper(
    run: Run, clerk_env: dict[str, str]
) -> None:
    sql(
        clerk_env,
        """
        INSERT INTO inbox (svix_id, event_type, clerk_id, payload, state, attempts, applications,
                           deliveries, received_at, claimable_at, wake_at, wakes)
        VALUES ('msg_1', 'user.created', 'user_1', '{}', 'dead', 8, 0, 1, now(), now(),
                now() + interval '1 hour', 3)
        """,
    )
    ran = run("replay", "--dead", REDIS_URL="redis://127.0.0.1:9/0")
    assert ran.returncode == 0, ran.stderr
    assert "the sweeper will wake for these" in ran.stderr
    assert sql(clerk_env, "SELECT state, wake_at <= now() FROM inbox") == [("received", True)]
