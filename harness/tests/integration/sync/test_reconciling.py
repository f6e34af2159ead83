"""``reconcile`` and ``backfill``: whatever was lost or bent, afterwards all is as Clerk has it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_harness.clerk import ClerkInstance, Post
from clerk_sync.breaker import Breaker
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.errors import ClerkApiError, RepairBusyError, WrongInstanceError
from clerk_sync.service.nouns import NOUNS
from clerk_sync.service.repair.comparing import differing_fields
from clerk_sync.service.repair.findings import Progress
from clerk_sync.service.repair.repairs import BACKFILL, RECONCILE, Outcome, Repairs, Wish
from clerk_sync.service.repair.streams import streams
from clerk_sync.store.models import audit_log, invitations, memberships, user_emails, users
from clerk_sync.store.session import connect, transaction

pytestmark = pytest.mark.asyncio

NO_PASSWORD = {"skip_password_requirement": True}
NOW = Wish(RECONCILE, grace_s=0)


@dataclass
class Bench:
    """A Clerk, a database, and what brings them together."""

    clerk: ClerkInstance
    engine: AsyncEngine
    api: ClerkApi
    repairs: Repairs

    async def run(self, wish: Wish = NOW, **how: Any) -> Outcome:
        return await self.repairs.run(wish, **how)

    async def sql(self, statement: Any) -> list[Any]:
        async with transaction(self.engine) as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            found = await connection.execute(statement)
            return list(found) if found.returns_rows else []

    async def differences(self) -> list[str]:
        """Compare everything that Clerk lists with what is here, and what is here with that."""
        found = []
        for noun in NOUNS:
            listed: dict[str, Any] = {}
            for stream in streams():
                if stream.noun is noun:
                    rows = await stream.ask(self.api, 500, 0)
                    listed |= {row["id"]: noun.read(row) for row in rows}
            if noun.name == "session":
                continue
            async with transaction(self.engine) as connection:
                known = await noun.load(connection, list(listed))
            for clerk_id, profile in listed.items():
                stored = known.get(clerk_id)
                if stored is None or not stored.active:
                    found.append(f"{noun.name} {clerk_id} is not here")
                elif names := differing_fields(noun, profile, stored):
                    found.append(f"{noun.name} {clerk_id}: {names}")
            table = {"user": "users"}.get(noun.name, f"{noun.name}s")
            here = await self.sql(text(f"SELECT clerk_id FROM {table} WHERE active"))  # noqa: S608 - our own names
            found += [f"{table} {each} is not Clerk's" for (each,) in here if each not in listed]
        return found


@pytest_asyncio.fixture
async def bench(clerk_settings: Settings, clerk: ClerkInstance) -> AsyncIterator[Bench]:
    engine = connect(clerk_settings.database_url, pool_size=8, application="test")
    async with open_http() as http:
        api = ClerkApi(
            http,
            base_url=clerk.keys.api_url,
            secret_key=clerk.keys.secret_key,
            breaker=Breaker(failures=5, reset_s=0.2),
            patience_s=10,
        )
        yield Bench(clerk, engine, api, Repairs(engine, api))
    await engine.dispose()


def populate(clerk: ClerkInstance) -> dict[str, Any]:
    """Make some of everything that is synced."""
    people = [
        clerk.users.create(
            f"person{number}@example.com",
            first_name=f"Person {number}",
            public_metadata={"number": number},
        )
        for number in range(12)
    ]
    clerk.users.add_email(people[3], "second@example.com")
    clerk.users.ban(people[4])
    clerk.call("POST", f"/users/{people[5].id}/lock")
    engines = clerk.organizations.create("Engines", created_by=people[0].id)
    looms = clerk.organizations.create("Looms", created_by=people[1].id)
    for person in people[2:6]:
        clerk.organizations.add_member(engines, person)
    clerk.organizations.add_member(looms, people[2], role="org:admin")
    guests = [
        clerk.call("POST", "/invitations", {"email_address": f"guest{number}@example.com"})
        for number in range(3)
    ]
    clerk.call("POST", f"/invitations/{guests[0]['id']}/revoke")
    clerk.call(
        "POST",
        f"/organizations/{engines.id}/invitations",
        {
            "email_address": "guest@example.com",
            "role": "org:member",
            "inviter_user_id": people[0].id,
        },
    )
    return {"people": people, "engines": engines, "looms": looms, "guests": guests}


def found(outcome: Outcome, *names: str) -> dict[str, dict[str, int]]:
    return {
        noun: {name: counts[name] for name in names if counts.get(name)}
        for noun, counts in outcome.progress.found.items()
        if any(counts.get(name) for name in names)
    }


DRIFT = ("missing", "different", "gone", "buried_here", "unreadable", "refused")


async def test_a_backfill_brings_everything_and_greets_nobody(
    bench: Bench, clerk: ClerkInstance
) -> None:
    populate(clerk)
    outcome = await bench.run(Wish(BACKFILL))
    assert outcome.finished
    assert await bench.differences() == []
    assert await bench.sql(text("SELECT * FROM effects")) == []
    sources = await bench.sql(text("SELECT DISTINCT applied_svix_id FROM users"))
    assert sources == [(f"backfill:{outcome.run_id}",)]
    again = await bench.run(Wish(BACKFILL))
    assert found(again, *DRIFT) == {}


async def test_whatever_was_lost_or_bent_is_put_right_and_told(
    bench: Bench, clerk: ClerkInstance
) -> None:
    there = populate(clerk)
    await bench.run(Wish(BACKFILL))
    people = there["people"]
    # Webhooks that never came: changes of every kind.
    clerk.users.update(people[0], first_name="Changed")
    clerk.users.ban(people[1])
    clerk.call("POST", f"/users/{people[4].id}/unban")
    clerk.users.add_email(people[2], "another@example.com")
    clerk.users.delete(people[6])
    new = clerk.users.create("new@example.com")
    clerk.organizations.update(there["engines"], name="Difference Engines")
    clerk.organizations.delete(there["looms"])
    clerk.organizations.remove_member(there["engines"], people[3])
    clerk.organizations.add_member(there["engines"], new)
    clerk.call("POST", f"/invitations/{there['guests'][1]['id']}/revoke")
    # Rows that somebody bent or lost, at the same version.
    await bench.sql(update(users).where(users.c.clerk_id == people[7].id).values(banned=True))
    await bench.sql(delete(user_emails).where(user_emails.c.clerk_id == people[8].id))
    await bench.sql(delete(invitations).where(invitations.c.clerk_id == there["guests"][2]["id"]))
    await bench.sql(
        update(memberships)
        .where(memberships.c.user_id == people[5].id)
        .values(role="org:admin", clerk_created_at=None)
    )
    assert len(await bench.differences()) >= 12
    before = await bench.sql(text("SELECT count(*) FROM audit_log"))
    looked = await bench.run(replace(NOW, write=False))
    assert await bench.sql(text("SELECT count(*) FROM audit_log")) == before
    assert len(await bench.differences()) >= 12

    outcome = await bench.run()
    assert await bench.differences() == []
    assert found(outcome, *DRIFT) == found(looked, *DRIFT)
    told = found(outcome, *DRIFT)
    assert told["user"] == {"missing": 1, "different": 6, "gone": 1}
    assert told["organization"] == {"different": 1, "gone": 1}
    fields = outcome.progress.fields["user"]
    assert (fields["banned"], fields["first_name"], fields["emails"]) == (3, 1, 2)
    audited = await bench.sql(
        select(audit_log.c.actor, audit_log.c.action)
        .distinct()
        .where(audit_log.c.request_id == f"reconcile:{outcome.run_id}")
    )
    assert sorted(map(tuple, audited)) == [
        ("repair", "reconcile.bury"),
        ("repair", "reconcile.write"),
    ]
    assert await bench.sql(text("SELECT * FROM effects")) == []
    again = await bench.run()
    assert found(again, *DRIFT) == {}


async def test_what_clerk_made_a_moment_ago_is_not_buried(
    bench: Bench, clerk: ClerkInstance
) -> None:
    ada = clerk.users.create("ada@example.com")
    await bench.run(Wish(BACKFILL))
    clerk.users.delete(ada)
    assert found(await bench.run(replace(NOW, grace_s=60)), *DRIFT) == {}
    assert found(await bench.run(), *DRIFT) == {"user": {"gone": 1}}


async def test_a_tombstone_is_told_and_not_revived(bench: Bench, clerk: ClerkInstance) -> None:
    ada = clerk.users.create("ada@example.com")
    await bench.run(Wish(BACKFILL))
    await bench.sql(update(users).where(users.c.clerk_id == ada.id).values(active=False))
    outcome = await bench.run()
    assert found(outcome, *DRIFT) == {"user": {"buried_here": 1}}
    assert await bench.sql(text("SELECT active FROM users")) == [(False,)]


async def test_a_page_that_is_late_overwrites_nothing_newer(
    bench: Bench, clerk: ClerkInstance, clerk_settings: Settings, open_service: Any
) -> None:
    ada = clerk.users.create("ada@example.com", first_name="Old")
    ben = clerk.users.create("ben@example.com", first_name="Old")
    at_first = {each.id: clerk.call("GET", f"/users/{each.id}") for each in (ada, ben)}
    async with open_service(clerk_settings) as service:
        for each in (ada, ben):
            await service.process("user.created", each.id, **at_first[each.id])
        page = asyncio.Event()
        went_on = asyncio.Event()
        real = bench.api.list_users

        async def late(**how: Any) -> list[dict[str, Any]]:
            rows = await real(**how)
            page.set()
            await went_on.wait()
            return rows

        bench.api.list_users = late  # type: ignore[method-assign]  # the answer is held, not made up
        running = asyncio.create_task(bench.run())
        await asyncio.wait_for(page.wait(), 10)
        clerk.users.update(ada, first_name="New")
        now = clerk.call("GET", f"/users/{ada.id}")
        await service.process("user.updated", ada.id, **now)
        await service.process("user.deleted", ben.id)
        went_on.set()
        outcome = await running
        assert "user" not in found(outcome, "different", "missing")
        assert (await service.user(ada.id))["first_name"] == "New"
        assert (await service.user(ben.id))["active"] is False


async def test_users_who_are_deleted_while_pages_are_read_hide_nobody(
    bench: Bench, clerk: ClerkInstance
) -> None:
    clerk.post_all(
        [
            Post(
                "/users",
                {"email_address": [f"p{n}@example.com"], "skip_password_requirement": True},
            )
            for n in range(120)
        ]
    )
    ids = [user.id for user in clerk.users.all()]
    doomed = iter(ids[:60])

    def delete_some(_: Progress) -> None:
        for clerk_id in [next(doomed, "") for _ in range(15)]:
            if clerk_id:
                clerk.users.delete(clerk_id)

    outcome = await bench.run(replace(NOW, page=30), watch=delete_some)
    assert outcome.finished
    assert await bench.run(replace(NOW, page=30))
    assert await bench.differences() == []
    rows = await bench.sql(text("SELECT clerk_id FROM users"))
    assert set(ids[60:]) <= {each for (each,) in rows}


async def test_a_run_that_was_stopped_is_resumed_and_one_can_begin_anew(
    bench: Bench, clerk: ClerkInstance
) -> None:
    for number in range(60):
        clerk.users.create(f"p{number}@example.com")
    small = replace(NOW, page=25)
    first = await bench.run(small, stop=lambda: True)
    assert (first.finished, first.resumed) == (False, False)
    assert first.progress.found["user"]["seen"] == 25
    asked: list[int] = []
    real = bench.api.list_users

    async def listening(*, limit: int, offset: int) -> list[dict[str, Any]]:
        asked.append(offset)
        return await real(limit=limit, offset=offset)

    bench.api.list_users = listening  # type: ignore[method-assign]  # only listens
    second = await bench.run(small)
    assert (second.finished, second.resumed, second.run_id) == (True, True, first.run_id)
    assert min(asked) == 15
    assert second.progress.found["user"]["seen"] == 60
    assert await bench.differences() == []
    third = await bench.run(small, stop=lambda: True)
    anew = await bench.run(replace(small, restart=True))
    assert (anew.resumed, anew.finished) == (False, True)
    assert anew.run_id not in (first.run_id, third.run_id)


async def test_only_one_process_repairs(bench: Bench, clerk: ClerkInstance) -> None:
    clerk.users.create("ada@example.com")
    other = Repairs(bench.engine, bench.api)
    refused: list[str] = []

    async def try_meanwhile() -> None:
        with pytest.raises(RepairBusyError) as busy:
            await other.run(NOW)
        refused.append(str(busy.value))

    with clerk.faults.latency(0.3, path="/v1/users"):
        running = asyncio.create_task(bench.run())
        async with asyncio.timeout(10):
            while not await bench.sql(text("SELECT run_id FROM repair_runs")):
                pass
        await try_meanwhile()
        await running
    assert len(refused) == 1
    assert (await other.run(NOW)).finished


async def test_with_the_key_of_another_instance_nobody_is_buried(
    bench: Bench, clerk: ClerkInstance
) -> None:
    for number in range(25):
        clerk.users.create(f"p{number}@example.com")
    await bench.run(Wish(BACKFILL))
    for user in list(clerk.users.all()):
        clerk.users.delete(user)
    with pytest.raises(WrongInstanceError, match="nobody of the 20"):
        await bench.run()
    assert await bench.sql(text("SELECT count(*) FROM users WHERE active")) == [(25,)]
    outcome = await bench.run(replace(NOW, trust_clerk=True))
    assert found(outcome, *DRIFT) == {"user": {"gone": 25}}


@pytest.mark.parametrize("fault", ["429", "503", "reset"])
async def test_what_passes_at_clerk_is_waited_out(
    bench: Bench, clerk: ClerkInstance, fault: str
) -> None:
    populate(clerk)
    faults: dict[str, Callable[[], Any]] = {
        "429": lambda: clerk.faults.rate_limit(retry_after_s=1, times=2),
        "503": lambda: clerk.faults.server_error(503, times=7),
        "reset": lambda: clerk.faults.connection_reset(times=6),
    }
    with faults[fault]():
        assert (await bench.run()).finished
    assert await bench.differences() == []


async def test_a_clerk_that_stays_away_ends_the_run_and_nobody_is_buried(
    bench: Bench, clerk: ClerkInstance
) -> None:
    populate(clerk)
    await bench.run(Wish(BACKFILL))
    hasty = ClerkApi(
        bench.api._clerk._http,
        base_url=clerk.keys.api_url,
        secret_key=clerk.keys.secret_key,
    )
    with clerk.faults.server_error(503), pytest.raises(ClerkApiError, match="503"):
        await Repairs(bench.engine, hasty).run(NOW)
    assert await bench.differences() == []


async def test_a_rate_is_kept(bench: Bench, clerk: ClerkInstance) -> None:
    populate(clerk)
    slow = Repairs(bench.engine, bench.api, per_second=20)
    started = asyncio.get_running_loop().time()
    await slow.run(NOW)
    # Seven lists, of which the first page is the last, and three asked ahead of each.
    assert asyncio.get_running_loop().time() - started >= 7 / 20


async def bend_ahead(bench: Bench, table: Any, **values: Any) -> None:
    """Make rows newer than Clerk's, as nobody but a hand can."""
    later = table.c.clerk_updated_at + 365 * 86_400_000
    await bench.sql(update(table).values(clerk_updated_at=later, **values))


async def test_what_is_newer_here_than_in_clerk_is_told_and_brought_back(
    bench: Bench, clerk: ClerkInstance
) -> None:
    there = populate(clerk)
    await bench.run(Wish(BACKFILL))
    as_it_was = await bench.sql(
        select(users.c.clerk_id, users.c.first_name, users.c.clerk_updated_at).order_by(users.c.seq)
    )
    seats = select(
        memberships.c.organization_id, memberships.c.user_id, memberships.c.clerk_updated_at
    ).order_by(memberships.c.seq)
    seats_before = await bench.sql(seats)
    await bench.sql(
        update(users)
        .where(users.c.clerk_id == there["people"][0].id)
        .values(first_name="FUT", clerk_updated_at=users.c.clerk_updated_at + 365 * 86_400_000)
    )
    await bend_ahead(bench, memberships, user_id=None, active=True)
    await bend_ahead(bench, invitations, status="revoked")

    # The service did not write these rows, so no grace is theirs.
    looked = await bench.run(replace(NOW, write=False, grace_s=600))
    told = {
        "user": {"newer_here": 1},
        "membership": {"newer_here": 7},
        "invitation": {"newer_here": 4},
    }
    assert found(looked, *DRIFT, "newer_here") == told
    assert looked.progress.drift == 12
    assert looked.progress.fields["user"] == {"first_name": 1, "clerk_updated_at": 1}

    outcome = await bench.run()
    assert found(outcome, *DRIFT, "newer_here") == told
    assert outcome.progress.found["user"]["seen"] == 12
    now = await bench.sql(
        select(users.c.clerk_id, users.c.first_name, users.c.clerk_updated_at).order_by(users.c.seq)
    )
    assert now == as_it_was
    assert await bench.sql(seats) == seats_before
    assert await bench.differences() == []
    audited = await bench.sql(
        select(audit_log.c.actor, audit_log.c.action).where(
            audit_log.c.request_id == f"reconcile:{outcome.run_id}"
        )
    )
    assert [tuple(each) for each in audited] == [("repair", "reconcile.write")] * 12
    assert found(await bench.run(), *DRIFT, "newer_here") == {}


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_clerk_that_lags_behind_undoes_no_webhook(
    bench: Bench, clerk: ClerkInstance, clerk_settings: Settings, open_service: Any, meanwhile: bool
) -> None:
    """What came before the comparison is young, and what comes after it moves the row."""
    ada = clerk.users.create("ada@example.com", first_name="Old")
    versions = [clerk.call("GET", f"/users/{ada.id}")]
    for name in ("New", "Newest"):
        clerk.users.update(ada, first_name=name)
        versions.append(clerk.call("GET", f"/users/{ada.id}"))
    old, new, newest = versions
    async with open_service(clerk_settings) as service:
        await service.process("user.updated", ada.id, **new)
        asked = 0

        async def one(_: str) -> Any:
            nonlocal asked
            asked += 1
            if meanwhile and asked == 2:  # the first is of the check of the instance
                await service.process("user.updated", ada.id, **newest)
            return old

        async def page(**_: Any) -> Any:
            return [old]

        bench.api.get_user = one  # type: ignore[method-assign]  # an old copy answers
        bench.api.list_users = page  # type: ignore[method-assign]  # likewise
        outcome = await bench.run(replace(NOW, grace_s=0 if meanwhile else 60))
        assert "user" not in found(outcome, *DRIFT, "newer_here")
        assert asked == 2
        assert (await service.user(ada.id))["first_name"] == ("Newest" if meanwhile else "New")
