"""Webhooks that are applied per second by two workers, against one transaction for each.

``make bench`` prints a Markdown table, with the load average at the time of each figure. The inbox
is filled with the webhooks of as many users' lives as it takes; then the real sweeper and the real
worker empty it. Postgres, Redis, sweeper and worker share all cores of the machine.
"""

import asyncio
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg

from clerk_harness.stack import Command, Process, Stack, Workspace, open_stack
from clerk_harness.waiting import eventually
from clerk_sync.migrate import migrate
from clerk_sync.store.deliveries import Delivery, insert_deliveries
from clerk_sync.store.lasting import LastingConnection
from clerk_sync.store.session import connect

EVENTS = 20_000
FEWER_EVENTS = 4_000
CONCURRENCY = 2
BATCH_ROWS = 500
LONGEST_S = 300.0
GOAL = "≥ 1,500/s"
LIFE = ("user.created", "user.updated", "user.updated", "session.ended", "user.deleted")
"""What happens to a user; most do not live to see the end of it."""
ALIVE = 100
LEAVES = 0.2
"""Share of the users of whom nothing is heard any more after an event."""
SECRET = "sk_test_bench"  # noqa: S105 - of nobody


@dataclass(frozen=True, slots=True)
class Row:
    """One way to work.

    Attributes:
        what: For the table.
        events: How many webhooks there are to apply.
        batch: Most webhooks that share a transaction.
        goal: For the figure.
    """

    what: str
    events: int
    batch: int
    goal: str = ""


ROWS = (
    Row("one transaction for each webhook (baseline)", FEWER_EVENTS, 1),
    Row("as they come, up to a hundred in one", EVENTS, 100, GOAL),
)


def main() -> None:
    """Print the table."""
    print("| what | events | applied per second | ratio | goal | load average |")
    print("|---|---|---|---|---|---|")
    baseline = 0.0
    with Workspace.open("benchmark of applying") as workspace:
        stack = open_stack("embedded", workspace)
        for row in ROWS:
            rate = _measure(row, workspace, stack)
            baseline = baseline or rate
            print(
                f"| {row.what} | {row.events:,} | {rate:,.0f}/s | {rate / baseline:.1f} | "
                f"{row.goal} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )


def _measure(row: Row, workspace: Workspace, stack: Stack) -> float:
    url = stack.postgres.create_database(f"applying_{row.batch}")
    migrate(url)
    asyncio.run(_fill(url, row.events))
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": stack.redis.url,
        "CLERK_SECRET_KEY": SECRET,
        "CLERK_API_URL": "http://127.0.0.1:9/v1",
        "CLERK_SYNC_APPLY_BATCH": str(row.batch),
        "CLERK_SYNC_LOG_LEVEL": "INFO",
    }
    with (
        _running(workspace, environment, "worker", "--concurrency", str(CONCURRENCY)),
        _running(workspace, environment, "sweeper"),
        psycopg.connect(url, autocommit=True) as connection,
    ):
        eventually(lambda: _is_empty(connection), within=LONGEST_S, every=0.2)
        # By Postgres' own clock, from the first that was applied: starting is not measured here.
        (seconds,) = _one(
            connection, "SELECT extract(epoch FROM max(applied_at) - min(applied_at)) FROM inbox"
        )
        (wrong,) = _one(
            connection,
            "SELECT count(*) FROM inbox WHERE state NOT IN ('applied', 'ignored_stale')",
        )
    if wrong:
        print(f"{wrong} webhooks were not applied", file=sys.stderr)
        raise SystemExit(1)
    return row.events / float(seconds)


@contextmanager
def _running(
    workspace: Workspace, environment: dict[str, str], *arguments: str
) -> Iterator[Process]:
    argv = [sys.executable, "-m", "clerk_sync", *arguments]
    process = workspace.spawn(Command(f"sync-{arguments[0]}", argv, environment))
    try:
        yield process
    finally:
        process.terminate(grace_s=5)


def _is_empty(connection: "psycopg.Connection[Any]") -> bool:
    (left,) = _one(
        connection, "SELECT EXISTS (SELECT FROM inbox WHERE state IN ('received', 'applying'))"
    )
    return not left


def _one(connection: "psycopg.Connection[Any]", query: str) -> Any:
    return connection.execute(query).fetchone()  # type: ignore[call-overload]  # no literal here


async def _fill(url: str, count: int) -> None:
    engine = connect(url, pool_size=1, application="benchmark")
    connection = LastingConnection(engine)
    deliveries = list(_deliveries(count))
    for start in range(0, count, BATCH_ROWS):
        batch = deliveries[start : start + BATCH_ROWS]
        await insert_deliveries(connection, batch, sweep_after_s=0)
    await connection.close()
    await engine.dispose()


def _deliveries(count: int) -> Iterator[Delivery]:
    """Yield the webhooks of users who sign up in turn; a hundred live at any time."""
    draw = random.Random(5)  # noqa: S311 - no secret
    lives: list[tuple[int, int]] = []
    for number in range(count):
        if len(lives) < ALIVE:
            lives.append((number, 0))
        place = draw.randrange(len(lives))
        user, age = lives[place]
        yield _delivery(number, f"user_{user:024}", LIFE[age])
        if age + 1 == len(LIFE) or draw.random() < LEAVES:
            lives.pop(place)
        else:
            lives[place] = (user, age + 1)


def _delivery(number: int, clerk_id: str, event_type: str) -> Delivery:
    data = _data(number, clerk_id, event_type)
    document = {
        "data": data,
        "event_attributes": {"http_request": {"client_ip": "192.0.2.1", "user_agent": "Mozilla"}},
        "instance_id": "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
        "object": "event",
        "timestamp": 1_700_000_000_000 + number,
        "type": event_type,
    }
    return Delivery(
        svix_id=f"msg_{number:024}",
        event_type=event_type,
        clerk_id=str(data["id"]),
        payload=orjson.dumps(document).decode(),
    )


def _data(number: int, clerk_id: str, event_type: str) -> dict[str, Any]:
    if event_type == "user.deleted":
        return {"deleted": True, "id": clerk_id, "object": "user"}
    if event_type == "session.ended":
        return {
            "id": f"sess_{number:024}",
            "object": "session",
            "status": "ended",
            "user_id": clerk_id,
            "updated_at": 1_700_000_000_000 + number,
        }
    email_id = f"idn_{clerk_id.removeprefix('user_')}"
    return {
        "id": clerk_id,
        "object": "user",
        "username": None,
        "first_name": f"Name {number}",
        "last_name": "Lovelace",
        "image_url": "https://img.example.com/" + "aBc0" * 40,
        "has_image": True,
        "primary_email_address_id": email_id,
        "primary_phone_number_id": None,
        "primary_web3_wallet_id": None,
        "password_enabled": True,
        "two_factor_enabled": False,
        "totp_enabled": False,
        "backup_code_enabled": False,
        "email_addresses": [
            {
                "id": email_id,
                "object": "email_address",
                "email_address": f"{clerk_id}@example.com",
                "reserved": False,
                "verification": {
                    "status": "verified",
                    "strategy": "email_code",
                    "attempts": None,
                    "expire_at": None,
                },
                "linked_to": [],
                "created_at": 1_700_000_000_000,
                "updated_at": 1_700_000_000_000,
            }
        ],
        "phone_numbers": [],
        "web3_wallets": [],
        "passkeys": [],
        "external_accounts": [],
        "saml_accounts": [],
        "external_id": None,
        "public_metadata": {"plan": "pro", "seats": 3},
        "private_metadata": {"customer": "cus_1"},
        "unsafe_metadata": {"theme": "dark"},
        "banned": False,
        "locked": False,
        "last_sign_in_at": 1_700_000_000_000,
        "last_active_at": 1_700_000_000_000,
        "created_at": 1_700_000_000_000,
        "updated_at": 1_700_000_000_000 + number,
    }


if __name__ == "__main__":
    main()
