"""The law of the service: whatever happens on the way, in the end we hold what Clerk holds.

Hypothesis makes lives of users whose addresses move, delivers the events in any order and more
than once, and kills workers before any statement or commit of theirs.
"""

import asyncio
import json
from dataclasses import replace
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

import psycopg
from clerk_model import ClerkModel, Message
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mortal_worker import Stop, work
from psycopg.rows import dict_row

from clerk_sync.config import Settings
from clerk_sync.store.audit import canonical_json
from clerk_sync.store.deliveries import Delivery, insert_deliveries
from clerk_sync.store.lasting import LastingConnection
from clerk_sync.store.memberships import MEMBERSHIPS
from clerk_sync.store.session import connect, transaction
from clerk_sync.store.users import load_users

CHANGES = (
    *("create", "move", "move", "rename", "add_address", "verify", "swap", "sign_in", "delete"),
    *("join_or_leave", "join_or_leave", "change_role"),
)
ADDRESSES = 2
MOST_USERS = 4
LAST_BOUNDARY = 22
OVERTAKING_S = 0.15
ROUNDS = 30

_examples = count(1)
some = st.integers(min_value=0, max_value=999)
"""Chooses among whatever there is."""
chosen = st.lists(some, min_size=1, max_size=8)
pauses = st.sampled_from([0, 0, 0, 1, 300, 5000])
"""Milliseconds between two changes in Clerk."""
boundary = st.none() | st.integers(min_value=0, max_value=LAST_BOUNDARY)


class Interleavings(RuleBasedStateMachine):
    """Clerk, the wire, and workers that die."""

    service: Settings

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"{next(_examples)}"
        self.clerk = ClerkModel(self.prefix)
        self.addresses = [f"{name}_{self.prefix}@Example.com" for name in "ab"]
        self.organization = f"org_{self.prefix}"
        self.delivered: list[str] = []
        self.order = Random(0)  # noqa: S311 - no secret
        self.runner = asyncio.Runner()
        self.engine = connect(self.service.database_url, pool_size=2, application="the test")
        self.lasting = LastingConnection(self.engine)

    @initialize(seed=some)
    def choose_an_order(self, seed: int) -> None:
        self.order = Random(seed)  # noqa: S311 - no secret

    # What happens in Clerk.

    @rule(what=st.lists(st.tuples(st.sampled_from(CHANGES), pauses, some, some), max_size=5))
    def things_happen(self, what: list[tuple[str, int, int, int]]) -> None:
        for change, ms, who, which in what:
            self.clerk.now += ms
            self.happen(change, who, which)

    def happen(self, change: str, who: int, which: int) -> None:
        address = self.addresses[which % ADDRESSES]
        users = list(self.clerk.living())
        if not users or (change == "create" and len(users) < MOST_USERS):
            self.clerk.create(address if which % 4 else None)
            return
        user = users[who % len(users)]
        match change:
            case "move":
                self.clerk.move(address, user)
            case "add_address":
                self.clerk.add_address(user, address)
            case "verify":
                self.clerk.verify(user, address)
            case "swap" if len(users) > 1:
                self.clerk.swap(user, users[(who + 1) % len(users)])
            case "sign_in":
                self.clerk.sign_in(user)
            case "delete":
                self.clerk.delete(user)
            case "join_or_leave":
                self.clerk.join_or_leave(user, self.organization)
            case "change_role":
                self.clerk.change_role(user, self.organization)
            case _:
                self.clerk.rename(user)

    # What happens on the way.

    @precondition(lambda self: self.clerk.sent)
    @rule(choices=chosen)
    def deliver(self, choices: list[int]) -> None:
        sent = self.clerk.sent
        self.arrive([sent[choice % len(sent)] for choice in choices])

    @precondition(lambda self: self.delivered)
    @rule(choices=chosen, killed_at=boundary)
    def one_worker(self, choices: list[int], killed_at: int | None) -> None:
        self.runner.run(self.work(self.choose(choices), killed_at))
        self.check_nothing_was_refused()

    @precondition(lambda self: self.delivered)
    @rule(
        first=chosen,
        second=chosen,
        stands_at=st.integers(min_value=0, max_value=LAST_BOUNDARY),
        killed_at=boundary,
        given_up=st.booleans(),
    )
    def one_worker_overtakes_another(
        self,
        first: list[int],
        second: list[int],
        stands_at: int,
        killed_at: int | None,
        given_up: bool,
    ) -> None:
        async def overtake() -> None:
            stop = Stop(stands_at)
            slow = asyncio.ensure_future(self.work(self.choose(first), killed_at, stop))
            await asyncio.wait([slow, stop.task()], return_when=asyncio.FIRST_COMPLETED)
            if given_up:
                self.leases_run_out_and_pauses_end()
            fast = asyncio.ensure_future(self.work(self.choose(second), None))
            # It is through by then, or waits for a lock of the other one.
            await asyncio.wait([fast], timeout=OVERTAKING_S)
            stop.go_on()
            await asyncio.gather(slow, fast)

        self.runner.run(overtake())
        self.check_nothing_was_refused()

    @rule()
    def leases_run_out_and_pauses_end(self) -> None:
        with psycopg.connect(self.service.database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE inbox SET claimable_at = clock_timestamp() "
                "WHERE svix_id = ANY(%s) AND state IN ('applying', 'failed')",
                [self.delivered],
            )

    def choose(self, choices: list[int]) -> list[str]:
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

        self.runner.run(insert_deliveries(self.lasting, deliveries, sweep_after_s=0))
        known = set(self.delivered)
        new = dict.fromkeys(each.svix_id for each in messages if each.svix_id not in known)
        self.delivered.extend(new)

    async def work(
        self, svix_ids: list[str], killed_at: int | None, stop: Stop | None = None
    ) -> None:
        await work(
            svix_ids, settings=self.service, clerk=self.clerk, killed_at=killed_at, stop=stop
        )

    def check_nothing_was_refused(self) -> None:
        # An address that moved is no failure that a later event may mend: it moves at once.
        assert not self.rows("last_error LIKE 'Postgres refuses%%'")

    # What must be so in the end.

    def teardown(self) -> None:
        try:
            missing = [each for each in self.clerk.sent if each.svix_id not in self.delivered]
            self.order.shuffle(missing)
            for message in missing:
                self.arrive([message])
                self.runner.run(self.work([message.svix_id], None))
            if self.delivered:
                self.work_until_quiet()
                self.check()
        finally:
            self.runner.run(self.lasting.close())
            self.runner.run(self.engine.dispose())
            self.runner.close()

    def work_until_quiet(self) -> None:
        for _ in range(ROUNDS):
            self.leases_run_out_and_pauses_end()
            if not self.rows("state IN ('received', 'applying', 'failed')"):
                return
            self.runner.run(self.work(self.delivered, None))
            self.check_nothing_was_refused()
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
        stored = self.runner.run(self.stored([user.clerk_id for user in users], load_users))
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
        self.check_audit("user", stored)
        self.check_memberships()

    def check_memberships(self) -> None:
        memberships = self.clerk.memberships
        stored = self.runner.run(self.stored(list(memberships), MEMBERSHIPS.load))
        assert memberships.keys() == stored.keys()
        for clerk_id, membership in memberships.items():
            ours = stored[clerk_id]
            assert ours.active is membership.alive, membership
            if membership.alive:
                assert (ours.role, ours.user_id, ours.clerk_updated_at) == (
                    membership.role,
                    membership.user_id,
                    membership.updated_at,
                )
        self.check_audit("membership", stored)

    async def stored(self, clerk_ids: list[str], load: Any) -> dict[str, Any]:
        async with transaction(self.engine) as connection:
            found: dict[str, Any] = await load(connection, clerk_ids)
            return found

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

    def check_audit(self, noun: str, stored: dict[str, Any]) -> None:
        for clerk_id, ours in stored.items():
            log = self.query(
                "SELECT * FROM audit_log WHERE subject = ANY(%s) ORDER BY seq",
                [f"{noun}:{clerk_id}"],
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
            max_examples=25,
            # Shrinking takes minutes on a real database: add ``Phase.shrink`` when it is needed.
            phases=[Phase.generate],
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
