"""The law of the service: whatever happens on the way, in the end we hold what Clerk holds.

Hypothesis makes lives of users whose addresses move, delivers the events in any order and more
than once, and kills workers before any statement or commit of theirs.
"""

import asyncio
import json
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

import psycopg
from clerk_model import ClerkModel, Message, ModelUser
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from mortal_worker import work
from psycopg.rows import dict_row

from clerk_sync.config import Settings
from clerk_sync.store.audit import canonical_json
from clerk_sync.store.inbox import Delivery, insert_deliveries
from clerk_sync.store.session import connect, transaction
from clerk_sync.store.users import load_users

ADDRESSES = 3
LAST_BOUNDARY = 22
ROUNDS = 30

_examples = count(1)
some = st.integers(min_value=0, max_value=999)
"""Chooses among whatever there is."""
boundary = st.none() | st.integers(min_value=0, max_value=LAST_BOUNDARY)


class Interleavings(RuleBasedStateMachine):
    """Clerk, the wire, and workers that die."""

    service: Settings

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"{next(_examples)}"
        self.clerk = ClerkModel(self.prefix)
        self.addresses = [f"{name}_{self.prefix}@Example.com" for name in "abc"]
        self.delivered: list[str] = []
        self.runner = asyncio.Runner()
        self.engine = connect(self.service.database_url, pool_size=2, application="the test")

    # What happens in Clerk.

    def a_user(self, choice: int) -> ModelUser:
        users = list(self.clerk.living())
        return users[choice % len(users)] if users else self.clerk.create()

    @rule(ms=st.sampled_from([1, 7, 200, 300, 5000]))
    def time_passes(self, ms: int) -> None:
        self.clerk.now += ms

    @rule(address=st.none() | st.integers(0, ADDRESSES - 1))
    def create(self, address: int | None) -> None:
        self.clerk.create(None if address is None else self.addresses[address])

    @rule(who=some)
    def rename(self, who: int) -> None:
        self.clerk.rename(self.a_user(who))

    @rule(who=some, address=st.integers(0, ADDRESSES - 1), verified=st.booleans())
    def change_address(self, who: int, address: int, verified: bool) -> None:
        change = self.clerk.verify if verified else self.clerk.add_address
        change(self.a_user(who), self.addresses[address])

    @rule(who=some, address=st.integers(0, ADDRESSES - 1))
    def move(self, who: int, address: int) -> None:
        self.clerk.move(self.addresses[address], self.a_user(who))

    @rule(one=some, other=some)
    def swap(self, one: int, other: int) -> None:
        users = self.a_user(one), self.a_user(other)
        if users[0] is not users[1]:
            self.clerk.swap(*users)

    @rule(who=some)
    def sign_in(self, who: int) -> None:
        self.clerk.sign_in(self.a_user(who))

    @rule(who=some)
    def delete(self, who: int) -> None:
        self.clerk.delete(self.a_user(who))

    # What happens on the way.

    @precondition(lambda self: self.clerk.sent)
    @rule(choices=st.lists(some, min_size=1, max_size=8))
    def deliver(self, choices: list[int]) -> None:
        sent = self.clerk.sent
        self.arrive([sent[choice % len(sent)] for choice in choices])

    @precondition(lambda self: self.delivered)
    @rule(choices=st.lists(some, min_size=1, max_size=8), killed_at=boundary)
    def one_worker(self, choices: list[int], killed_at: int | None) -> None:
        self.run([self.chosen(choices)], [killed_at])

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def two_workers_at_once(self, data: Any) -> None:
        lists = st.lists(some, min_size=1, max_size=8)
        tasks = [self.chosen(data.draw(lists)) for _ in range(2)]
        self.run(tasks, [data.draw(boundary) for _ in range(2)])

    @rule()
    def leases_run_out_and_pauses_end(self) -> None:
        with psycopg.connect(self.service.database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE inbox SET claimable_at = clock_timestamp() "
                "WHERE svix_id = ANY(%s) AND state IN ('applying', 'failed')",
                [self.delivered],
            )

    def chosen(self, choices: list[int]) -> list[str]:
        delivered = self.delivered
        return list({delivered[choice % len(delivered)] for choice in choices})

    def arrive(self, messages: list[Message]) -> None:
        deliveries = [
            Delivery(
                svix_id=message.svix_id,
                event_type=message.event_type,
                clerk_id=message.data["id"],
                payload=json.dumps({"type": message.event_type, "data": message.data}),
            )
            for message in messages
        ]

        async def commit() -> None:
            async with transaction(self.engine) as connection:
                await insert_deliveries(connection, deliveries, sweep_after_s=0)

        self.runner.run(commit())
        known = set(self.delivered)
        new = dict.fromkeys(each.svix_id for each in messages if each.svix_id not in known)
        self.delivered.extend(new)

    def run(self, tasks: list[list[str]], killed_at: list[int | None]) -> None:
        async def together() -> None:
            async with asyncio.TaskGroup() as workers:
                for svix_ids, boundary_ in zip(tasks, killed_at, strict=True):
                    workers.create_task(
                        work(
                            svix_ids,
                            settings=self.service,
                            clerk=self.clerk,
                            killed_at=boundary_,
                        )
                    )

        self.runner.run(together())

    # What must be so in the end.

    def teardown(self) -> None:
        try:
            missing = [each for each in self.clerk.sent if each.svix_id not in self.delivered]
            if missing:
                self.arrive(missing)
            if self.delivered:
                self.work_until_quiet()
                self.check()
        finally:
            self.runner.run(self.engine.dispose())
            self.runner.close()

    def work_until_quiet(self) -> None:
        for _ in range(ROUNDS):
            self.leases_run_out_and_pauses_end()
            if not self.rows("state IN ('received', 'applying', 'failed')"):
                return
            self.run([self.delivered], [None])
        raise AssertionError(self.rows("state IN ('received', 'applying', 'failed')"))

    def rows(self, which: str) -> list[dict[str, Any]]:
        return self.query(f"SELECT * FROM inbox WHERE {which} AND svix_id = ANY(%s)")  # noqa: S608

    def query(self, query: str, values: list[str] | None = None) -> list[dict[str, Any]]:
        with psycopg.connect(
            self.service.database_url, autocommit=True, row_factory=dict_row
        ) as connection:
            return connection.execute(
                query.encode(), [self.delivered if values is None else values]
            ).fetchall()

    def check(self) -> None:
        assert not self.rows("state NOT IN ('applied', 'ignored_stale')")
        assert not self.rows("applications > 1")
        users = list(self.clerk.users.values())
        stored = self.runner.run(self.stored([user.clerk_id for user in users]))
        assert {user.clerk_id for user in users} == stored.keys()
        for user in users:
            ours = stored[user.clerk_id]
            assert ours.active is user.alive, user
            assert [(email.email_address, email.verified) for email in ours.emails] == list(
                user.addresses.items()
            ), user
            if user.alive:
                assert (ours.first_name, ours.clerk_updated_at, ours.last_sign_in_at) == (
                    user.first_name,
                    user.updated_at,
                    user.last_sign_in_at,
                ), user
        self.check_effects()
        self.check_audit(stored)

    async def stored(self, clerk_ids: list[str]) -> dict[str, Any]:
        async with transaction(self.engine) as connection:
            return await load_users(connection, clerk_ids)

    def check_effects(self) -> None:
        users = self.clerk.users
        effects = self.query("SELECT * FROM effects WHERE clerk_id = ANY(%s)", list(users))
        kinds = sorted((each["clerk_id"], each["kind"]) for each in effects)
        assert len(kinds) == len(set(kinds))
        for user in users.values():
            told = {kind for clerk_id, kind in kinds if clerk_id == user.clerk_id}
            # Who is deleted may have been welcomed or not: the order of arrival decides.
            assert told - {"welcome"} == (set() if user.alive else {"goodbye"}), user
            assert not user.alive or "welcome" in told, user

    def check_audit(self, stored: dict[str, Any]) -> None:
        for clerk_id, ours in stored.items():
            log = self.query(
                "SELECT * FROM audit_log WHERE subject = ANY(%s) ORDER BY seq",
                [f"user:{clerk_id}"],
            )
            hashes = [None, *(each["after_hash"] for each in log)]
            assert [each["before_hash"] for each in log] == hashes[:-1], clerk_id
            after = _hash(ours) if ours.active else None
            assert hashes[-1] == after, clerk_id


def _hash(record: Any) -> bytes:

    return sha256(canonical_json(record)).digest()


def test_whatever_happens_on_the_way_we_end_with_what_clerk_holds(settings: Settings) -> None:
    class Machine(Interleavings):
        # Being killed counts as an attempt, and here it happens all the time.
        service = replace(settings, max_attempts=1000)

    run_state_machine_as_test(
        Machine,
        settings=hypothesis_settings(
            max_examples=40,
            # Shrinking takes minutes on a real database: add ``Phase.shrink`` when it is needed.
            phases=[Phase.generate],
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
