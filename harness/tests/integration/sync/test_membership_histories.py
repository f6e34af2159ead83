"""The law again, for organizations: in any order, and more than once, we end with Clerk's members.

What Clerk does not tell of is part of it: whoever is deleted may take memberships along in silence.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx
from clerk_model import Message
from company_model import CompanyModel
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.config import Settings
from clerk_sync.service.apply import Applier
from clerk_sync.store.deliveries import Delivery, insert_deliveries
from clerk_sync.store.inbox import list_rows
from clerk_sync.store.lasting import LastingConnection
from clerk_sync.store.memberships import list_members
from clerk_sync.store.organizations import ORGANIZATIONS
from clerk_sync.store.session import connect, transaction

ROUNDS = 60

_examples = count(1)
place = st.tuples(st.integers(1, 2), st.integers(1, 3))
STEP = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 200, 300, 5000])),
    st.tuples(st.just("join"), place),
    st.tuples(st.just("join"), place),
    st.tuples(st.just("leave"), place),
    st.tuples(st.just("rename"), st.integers(1, 2)),
    st.tuples(st.just("close"), st.integers(1, 2), st.booleans()),
    st.tuples(st.just("lose"), st.integers(1, 3), st.booleans()),
)


@dataclass(frozen=True)
class Worker:
    """What one works with."""

    engine: AsyncEngine
    inbox: LastingConnection
    applier: Applier


def lived(steps: list[tuple[Any, ...]]) -> CompanyModel:
    clerk = CompanyModel(f"{next(_examples)}")
    for number in (1, 2):
        clerk.found(clerk.organization(number))
    for what, which, *how in steps:
        match what:
            case "wait":
                clerk.now += which
            case "join" | "leave":
                getattr(clerk, what)(clerk.organization(which[0]), clerk.user(which[1]))
            case "rename":
                clerk.rename(clerk.organization(which))
            case "close":
                clerk.close(clerk.organization(which), quietly=how[0])
            case "lose":
                clerk.lose(clerk.user(which), quietly=how[0])
    return clerk


@asynccontextmanager
async def worker(clerk: CompanyModel, settings: Settings) -> AsyncIterator[Worker]:
    def answer(request: httpx.Request) -> httpx.Response:
        document = clerk.answer(request.url.path, dict(request.url.params))
        return httpx.Response(200, json=document) if document else httpx.Response(404, json={})

    engine = connect(settings.database_url, pool_size=8, application="the test")
    inbox = LastingConnection(engine)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        stack.push_async_callback(inbox.close)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.MockTransport(answer))
        )
        api = ClerkApi(http, base_url="http://127.0.0.1/v1", secret_key="sk_test_key")
        yield Worker(engine, inbox, Applier(engine, api, settings))


async def carry(worker: Worker, messages: list[Message], data: st.DataObject) -> None:
    """Deliver everything at least once, a few at a time, in any order."""
    order = data.draw(st.permutations(messages + messages[::3]))
    while order:
        size = data.draw(st.integers(1, 6))
        batch, order = order[:size], order[size:]
        deliveries = [
            Delivery(
                each.svix_id,
                each.event_type,
                each.data["id"],
                json.dumps({"type": each.event_type, "data": each.data}),
            )
            for each in batch
        ]
        await insert_deliveries(worker.inbox, deliveries, sweep_after_s=0)
        await worker.applier.apply_all(list({each.svix_id for each in batch}))


async def finish(worker: Worker, messages: list[Message]) -> None:
    """Work until nothing is left."""
    for _ in range(ROUNDS):
        async with transaction(worker.engine) as connection:
            await connection.exec_driver_sql("UPDATE inbox SET claimable_at = clock_timestamp()")
            rows = await list_rows(connection, after=0, limit=1000)
        if {row.state for row in rows} <= {"applied", "ignored_stale"}:
            return
        await worker.applier.apply_all([each.svix_id for each in messages])
    raise AssertionError([(row.state, row.last_error) for row in rows])


async def check(worker: Worker, clerk: CompanyModel) -> None:
    """Compare what is answered with what Clerk holds."""
    async with transaction(worker.engine) as connection:
        organizations = [clerk.organization(number) for number in (1, 2)]
        stored = await ORGANIZATIONS.load(connection, organizations)
        for organization in organizations:
            ours = stored[organization]
            assert ours.active is (organization in clerk.names)
            if ours.active:
                assert (ours.name, ours.clerk_updated_at) == clerk.names[organization]
            members = await list_members(connection, organization, after=0, limit=10)
            assert {(each.user_id, each.clerk_id, each.role) for each in members} == {
                (seat.user_id, seat.clerk_id, seat.role)
                for seat in clerk.seats.values()
                if seat.organization_id == organization
            }


def test_whatever_the_order_we_end_with_clerks_members(settings: Settings) -> None:
    service = replace(settings, max_attempts=1000)

    @hypothesis_settings(
        max_examples=30,
        # Shrinking takes minutes on a real database: add ``Phase.shrink`` when it is needed.
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=st.lists(STEP, min_size=3, max_size=25), data=st.data())
    def law(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
        async def once() -> None:
            clerk = lived(steps)
            async with worker(clerk, service) as at_work:
                await carry(at_work, clerk.sent, data)
                await finish(at_work, clerk.sent)
                await check(at_work, clerk)

        asyncio.run(once())

    law()
