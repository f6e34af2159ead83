"""Every statement that the service runs while it serves finds its rows by an index."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from clerk_sync import store
from clerk_sync.migrate import migrate
from clerk_sync.store.admission import admit_next, admit_one, count_waiting
from clerk_sync.store.audit import list_entries, seconds_since
from clerk_sync.store.effects import DueEffect, EffectKind, add_effects, list_effects
from clerk_sync.store.inbox import (
    Claimed,
    Settlement,
    State,
    claim_rows,
    find_lost,
    list_rows,
    lock_row,
    read_row,
    settle_rows,
    write_row,
)
from clerk_sync.store.invitations import INVITATIONS
from clerk_sync.store.memberships import (
    MEMBERSHIPS,
    holders_of_seats,
    is_member,
    list_members,
    organization_exists,
)
from clerk_sync.store.organizations import ORGANIZATIONS
from clerk_sync.store.progress import Welcomes, backlog, count_welcomes
from clerk_sync.store.retention import delete_closed_sessions, delete_finished
from clerk_sync.store.session import connect
from clerk_sync.store.sessions import (
    list_closed_sessions,
    load_closed_sessions,
    session_is_closed,
)
from clerk_sync.store.strays import Part, newest_users, strays
from clerk_sync.store.users import (
    address_holders,
    bury_users,
    list_users,
    load_users,
    read_user,
    save_users,
)
from clerk_sync.store.wakes import lock_due, note_wakes, wake_again_now
from clerk_sync.store.writes import Burial, Write

ROWS = 20_000
SMALL = {"roles", "switches"}

_FILL = """
INSERT INTO users (clerk_id, public_metadata, private_metadata, unsafe_metadata, banned, locked,
                   active, clerk_created_at, clerk_updated_at, applied_svix_id, admitted)
SELECT 'user_' || n, '{}', '{}', '{}', false, false, true, n, n, 'msg', n % 1000 > 0
FROM generate_series(1, 20000) AS n;
INSERT INTO user_emails (clerk_id, position, email_address, verified, "primary")
SELECT 'user_' || n, 0, n || '@example.com', true, true FROM generate_series(1, 20000) AS n;
INSERT INTO inbox (svix_id, event_type, payload, state, attempts, applications, deliveries,
                   received_at, applied_at, claimable_at, wake_at, wakes)
SELECT 'msg_' || n, 'user.created', '{}',
       CASE n % 500 WHEN 0 THEN 'received' WHEN 1 THEN 'dead' ELSE 'applied' END,
       0, 0, 1, now(), now(), now(), now(), 0 FROM generate_series(1, 20000) AS n;
INSERT INTO effects (svix_id, kind, clerk_id, created_at)
SELECT 'msg_' || n, 'welcome', 'user_' || n, now() - interval '1 day'
FROM generate_series(1, 20000) AS n;
INSERT INTO organizations (clerk_id, active, clerk_created_at, clerk_updated_at, applied_svix_id)
SELECT 'org_' || n, true, n, n, 'msg' FROM generate_series(1, 20000) AS n;
INSERT INTO memberships (clerk_id, organization_id, user_id, role, active, clerk_created_at,
                         clerk_updated_at, applied_svix_id)
SELECT 'orgmem_' || n, 'org_' || n / 100, 'user_' || n, 'org:member', true, n, n, 'msg'
FROM generate_series(1, 20000) AS n;
INSERT INTO invitations (clerk_id, organization_id, email_address, status, active,
                         clerk_created_at, clerk_updated_at, applied_svix_id)
SELECT 'inv_' || n, 'org_' || n / 100, n || '@example.com', 'pending', true, n, n, 'msg'
FROM generate_series(1, 20000) AS n;
INSERT INTO closed_sessions (session_id, clerk_id, status, closed_at)
SELECT 'sess_' || n, 'user_' || n, 'ended', now() FROM generate_series(1, 20000) AS n;
INSERT INTO audit_log (actor, action, subject, request_id)
SELECT 'clerk', 'user.created', 'user:user_' || n, 'msg_' || n FROM generate_series(1, 20000) AS n;
"""
_CLAIMED = Claimed(1, "msg_1", "user.created", "{}", 1, 0.0)

Ask = Callable[[AsyncConnection], Awaitable[object]]


async def _write_one(connection: AsyncConnection) -> None:
    row = await lock_row(connection, "msg_500", wait=False)
    assert row is not None
    await write_row(connection, row, state=State.FAILED, error="broken", claimable_in_s=1)


async def _sweep(connection: AsyncConnection) -> None:
    due = await lock_due(connection, limit=10)
    await note_wakes(connection, due, first_pause_s=1, longest_pause_s=4)
    await wake_again_now(connection, due)


async def _save_again(connection: AsyncConnection) -> None:
    known = (await load_users(connection, ["user_7"]))["user_7"]
    before = replace(known, emails=())
    await save_users(connection, [Write(profile=known, known=before, source="msg")])  # type: ignore[arg-type]
    await bury_users(connection, [Burial("user_7", "msg", None)])


async def _members_again(connection: AsyncConnection) -> None:
    known = (await MEMBERSHIPS.load(connection, ["orgmem_7"]))["orgmem_7"]
    await MEMBERSHIPS.save(connection, [Write(profile=known, known=None, source="msg")])  # type: ignore[arg-type]
    await MEMBERSHIPS.bury(connection, [Burial("orgmem_7", "msg", None)])


ASKED: dict[str, Ask] = {
    "read_row": lambda c: read_row(c, "msg_1"),
    "lock_row write_row": _write_one,
    "list_rows": lambda c: list_rows(c, after=10, limit=100),
    "claim_rows": lambda c: claim_rows(c, ["msg_500", "msg_1000"], lease_s=10, more=50),
    "find_lost": lambda c: find_lost(c, ["msg_500", "msg_1000"]),
    "settle_rows": lambda c: settle_rows(c, [Settlement(_CLAIMED, State.APPLIED)]),
    "lock_due note_wakes wake_again_now": _sweep,
    "backlog": backlog,
    "count_welcomes": lambda c: count_welcomes(c, Welcomes(upto=ROWS - 100)),
    "read_user": lambda c: read_user(c, "user_1"),
    "list_users": lambda c: list_users(c, after=10, limit=100),
    "load_users save_users bury_users": _save_again,
    "address_holders": lambda c: address_holders(c, ["1@example.com", "2@example.com"]),
    "add_effects": lambda c: add_effects(c, [DueEffect(EffectKind.GOODBYE, "msg", "user_1")]),
    "list_effects": lambda c: list_effects(c, after=10, limit=100),
    "list_entries": lambda c: list_entries(c, after=10, limit=100),
    "list_entries of one": lambda c: list_entries(c, after=10, limit=100, subject="user:user_1"),
    "seconds_since": lambda c: seconds_since(c, "user:user_1", {}),
    "load_closed_sessions": lambda c: load_closed_sessions(c, ["sess_1"]),
    "session_is_closed": lambda c: session_is_closed(c, "sess_1"),
    "list_closed_sessions": lambda c: list_closed_sessions(c, after="sess_5", limit=100),
    "delete_closed_sessions": lambda c: delete_closed_sessions(
        c, older_than=timedelta(days=1), limit=100
    ),
    "delete_finished": lambda c: delete_finished(c, after=100, older_than=timedelta(0), limit=100),
    "holders_of_seats": lambda c: holders_of_seats(c, ["org_1:user_101"]),
    "is_member": lambda c: is_member(c, "org_1", "user_101"),
    "list_members": lambda c: list_members(c, "org_1", after=0, limit=100),
    "organization_exists": lambda c: organization_exists(c, "org_1"),
    "memberships": _members_again,
    "memberships page": lambda c: MEMBERSHIPS.page(c, after=10, limit=100),
    "organizations page": lambda c: ORGANIZATIONS.page(c, after=10, limit=100),
    "organizations load": lambda c: ORGANIZATIONS.load(c, ["org_1"]),
    "invitations page": lambda c: INVITATIONS.page(c, after=10, limit=100),
    "invitations load": lambda c: INVITATIONS.load(c, ["inv_1"]),
    "count_waiting": count_waiting,
    "admit_one": lambda c: admit_one(c, "user_1000"),
    "admit_next": lambda c: admit_next(c, limit=5),
    "newest_users": lambda c: newest_users(c, limit=5),
    **{
        f"strays {part}": lambda c, part=part: strays(c, part, listed=[], since=50, before=100)
        for part in Part
    },
}

NOT_ASKED = {
    "add_entries": "only inserts",
    "insert_deliveries": "only inserts, by the unique index of svix_id",
    "close_sessions": "only inserts",
    "count_living": "counts everything, once in a repair",
    "lock_all": "touches no table",
    "begin_light": "touches no table",
    "commit_lazily": "touches no table",
    "schema_revision": "one row",
    "last_drift": "a row for each repair",
    "try_to_be_the_only_one": "touches no table",
    "open_run": "a row for each repair",
    "latest_runs": "a row for each repair",
    "count_selected": "counts what an operator replays, once",
    "receive_again": "walks through what an operator replays, in order of arrival",
    "count_by_state": "counts the whole inbox when an operator asks for it",
    "start_run": "a row for each repair",
    "note_progress": "a row for each repair",
    "finish_run": "a row for each repair",
    "read_switch": "a row for each switch",
    "turn_switch": "a row for each switch",
    "open_initially": "a row for each switch",
    "write_probe": "one row",
    "read_probe": "one row",
}


def _statements_of_the_store() -> Iterator[str]:
    for module in pkgutil.iter_modules(store.__path__, "clerk_sync.store."):
        if module.ispkg:
            continue
        loaded = importlib.import_module(module.name)
        for name in loaded.__all__:
            if inspect.iscoroutinefunction(getattr(loaded, name)):
                yield name


def test_every_function_of_the_store_is_asked_or_has_a_reason() -> None:
    asked = {word for name in ASKED for word in name.split()}
    missing = set(_statements_of_the_store()) - asked - NOT_ASKED.keys()
    assert not missing
    assert not NOT_ASKED.keys() - set(_statements_of_the_store())


@pytest.fixture(scope="session")
def large_url(stack: Any) -> str:
    url: str = stack.postgres.create_database(f"plans_{uuid4().hex}")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FILL)
        connection.execute("ANALYZE")
    return url


@pytest_asyncio.fixture
async def engine(large_url: str) -> AsyncIterator[AsyncEngine]:
    opened = connect(large_url, pool_size=1, application="test")
    yield opened
    await opened.dispose()


def _parts(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _parts(part)


async def _plans(engine: AsyncEngine, ask: Ask) -> list[dict[str, Any]]:
    """Return the parts of the plans of every statement that is sent."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    parts: list[dict[str, Any]] = []
    async with engine.connect() as connection:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            await ask(connection)
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)
        # As for tables that do not fit into the cache but lie on a disk without arms.
        await connection.exec_driver_sql("SET LOCAL random_page_cost = 1.1")
        for statement, parameters in sent:
            explain = f"EXPLAIN (FORMAT JSON) {statement}"
            found = (await connection.exec_driver_sql(explain, parameters)).scalar_one()
            document = json.loads(found) if isinstance(found, str) else found
            parts += _parts(document[0]["Plan"])
        await connection.rollback()
    assert parts
    return parts


@pytest.mark.asyncio
@pytest.mark.parametrize("name", list(ASKED))
async def test_no_table_is_read_whole(engine: AsyncEngine, name: str) -> None:
    read = {
        part["Relation Name"]
        for part in await _plans(engine, ASKED[name])
        if part["Node Type"] == "Seq Scan"
    }
    assert read <= SMALL


@pytest.mark.asyncio
async def test_every_index_has_its_statement(engine: AsyncEngine, large_url: str) -> None:
    used = {part.get("Index Name") for ask in ASKED.values() for part in await _plans(engine, ask)}
    with psycopg.connect(large_url) as connection:
        found = connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indexrelid"
            " WHERE NOT indisunique AND relnamespace = 'public'::regnamespace"
        )
        assert {row[0] for row in found} - used == set()
