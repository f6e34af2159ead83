"""The audit log: what is written stays as it is, and the operator can read it."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from clerk_sync.config import Settings
from clerk_sync.store.audit import AuditEntry, add_entries
from clerk_sync.store.session import connect, transaction

pytestmark = pytest.mark.asyncio

NOBODY = {"subject": "user:user_2", "before": None, "after": None}


@dataclass(frozen=True, slots=True)
class Stored:
    clerk_id: str
    active: bool


def entry(**change: Any) -> AuditEntry:
    whole = {
        "actor": "clerk",
        "action": "user.created",
        "subject": "user:user_1",
        "before": None,
        "after": {"clerk_id": "user_1"},
        "request_id": "msg_1",
    }
    return AuditEntry(**(whole | change))


async def write(settings: Settings, *entries: AuditEntry) -> None:
    engine = connect(settings.database_url, pool_size=1, application="test")
    async with transaction(engine) as connection:
        await add_entries(connection, entries)
    await engine.dispose()


async def test_entries_are_read_in_their_order_page_by_page(
    service: Any, settings: Settings
) -> None:
    await write(settings, *[entry(request_id=f"msg_{number}") for number in range(5)])
    first = await service.get("/audit?limit=3")
    rest = await service.get(f"/audit?limit=3&after={first['next']}")
    assert [row["request_id"] for row in first["data"] + rest["data"]] == [
        f"msg_{number}" for number in range(5)
    ]
    assert rest["next"] is None
    digest = sha256(b'{"clerk_id":"user_1"}').hexdigest()
    row = first["data"][0]
    assert (row["actor"], row["action"], row["subject"], row["before"], row["after"]) == (
        "clerk",
        "user.created",
        "user:user_1",
        None,
        digest,
    )


async def test_the_entries_of_one_subject_are_read_by_themselves(
    service: Any, settings: Settings
) -> None:
    await write(settings, entry(), entry(**NOBODY), entry())
    found = await service.get("/audit?subject=user:user_2")
    assert [(row["seq"], row["after"]) for row in found["data"]] == [(2, None)]
    assert len((await service.get("/audit?subject=user:user_1"))["data"]) == 2
    assert (await service.get("/audit?subject=user:nobody"))["data"] == []


async def test_a_tombstone_has_no_hash(service: Any, settings: Settings) -> None:
    alive, dead = Stored("user_1", active=True), Stored("user_1", active=False)
    await write(settings, entry(before=alive, after=dead), entry(before=dead, after=alive))
    first, second = (await service.get("/audit"))["data"]
    assert first["before"] == second["after"] == sha256(b'{"clerk_id":"user_1"}').hexdigest()
    assert first["after"] is second["before"] is None


async def test_no_entries_are_no_statement(service: Any, settings: Settings) -> None:
    await write(settings)
    assert (await service.get("/audit"))["data"] == []


async def test_the_log_is_closed_to_whoever_is_not_the_operator(service: Any) -> None:
    assert (await service.http.get("/audit")).status_code == 401


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'nobody'",
        "UPDATE audit_log SET actor = 'nobody' WHERE false",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "TRUNCATE audit_log CASCADE",
        "MERGE INTO audit_log a USING (SELECT 1) o ON true WHEN MATCHED THEN DELETE",
        (
            "INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM audit_log"
            " ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'"
        ),
    ],
)
async def test_what_is_written_can_be_changed_by_nobody_not_even_the_owner(
    service: Any, settings: Settings, statement: str
) -> None:
    await write(settings, entry())
    with psycopg.connect(settings.database_url) as connection:
        # The owner of the table, and none who may switch triggers off.
        connection.execute("CREATE ROLE audit_owner NOLOGIN")
        connection.execute("GRANT ALL ON SCHEMA public TO audit_owner")
        connection.execute("ALTER TABLE audit_log OWNER TO audit_owner")
        connection.execute("SET ROLE audit_owner")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(statement)
        connection.rollback()
    assert [row["actor"] for row in (await service.get("/audit"))["data"]] == ["clerk"]


async def test_whoever_reads_a_user_can_check_its_entry(service: Any) -> None:
    svix_id = await service.deliver("user.created")
    await service.apply(svix_id)
    record = await service.user()
    for name in ("email", "active", "admitted", "deleted_at"):
        record.pop(name, None)
    line = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    entry = (await service.get("/audit?subject=user:user_1"))["data"][-1]
    assert entry["after"] == sha256(line.encode()).hexdigest()
    assert (entry["actor"], entry["request_id"]) == ("clerk", svix_id)
