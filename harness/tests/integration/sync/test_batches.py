"""Webhooks that are applied together: what is wrong with one costs the others nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from clerk_sync.config import Settings
from clerk_sync.states import State

pytestmark = pytest.mark.asyncio


async def _neighbours(service: Any, count: int = 5) -> list[str]:
    return [await service.deliver("user.created", f"user_n{number}") for number in range(count)]


async def _check_untouched(service: Any, sent: list[str]) -> None:
    for svix_id in sent:
        row = await service.row(svix_id)
        assert (row["state"], row["attempts"], row["applications"]) == ("applied", 1, 1)


async def test_a_payload_that_breaks_the_model_costs_its_neighbours_nothing(service: Any) -> None:
    sent = await _neighbours(service)
    broken = await service.deliver("user.created", "user_1", first_name=7)
    states = await service.applier.apply_all([broken, *sent])
    assert states == {broken: State.DEAD} | dict.fromkeys(sent, State.APPLIED)
    assert (await service.row(broken))["last_error"] == "data.first_name is not of type str"
    await _check_untouched(service, sent)


async def test_a_tie_without_clerk_costs_its_neighbours_nothing(
    settings: Settings, open_service: Any
) -> None:
    unreachable = replace(settings, clerk_api_url="http://127.0.0.1:9/v1")
    async with open_service(unreachable) as service:
        await service.process("user.created")
        sent = await _neighbours(service)
        tied = await service.deliver("user.updated", first_name="Other")
        states = await service.applier.apply_all([tied, *sent])
        assert states == {tied: State.FAILED} | dict.fromkeys(sent, State.APPLIED)
        await _check_untouched(service, sent)


async def test_what_postgres_refuses_costs_its_neighbours_no_attempt(
    service: Any, database_url: str
) -> None:
    sent = await _neighbours(service)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD CONSTRAINT poison CHECK (username <> 'poison')")
        try:
            poison = await service.deliver("user.created", username="poison")
            states = await service.applier.apply_all([*sent, poison])
        finally:
            connection.execute("ALTER TABLE users DROP CONSTRAINT poison")
    assert states == {poison: State.FAILED} | dict.fromkeys(sent, State.APPLIED)
    assert "Postgres refuses" in (await service.row(poison))["last_error"]
    await _check_untouched(service, sent)


async def test_a_record_that_somebody_holds_locked_costs_its_neighbours_nothing(
    service: Any, database_url: str
) -> None:
    sent = await _neighbours(service)
    held = await service.deliver("user.created")
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('user:user_1', 0))")
        work = asyncio.ensure_future(service.applier.apply_all([held, *sent]))
        while (await service.row(sent[-1]))["state"] != "applied":
            assert not work.done()
        connection.rollback()
    assert set((await work).values()) == {State.APPLIED}
    await _check_untouched(service, [held, *sent])


async def test_what_is_applied_together_is_applied_at_one_time(
    service: Any, database_url: str
) -> None:
    # Else the books would show one user's versions in another order than that of their application.
    sent = [await service.deliver("user.created")]
    sent += [await service.deliver("user.updated", version=1000 + more) for more in range(1, 20)]
    assert set((await service.applier.apply_all(sent)).values()) == {State.APPLIED}
    with psycopg.connect(database_url) as connection:
        times = connection.execute("SELECT count(DISTINCT applied_at) FROM inbox").fetchone()
    assert times == (1,)


async def test_what_was_lost_with_its_worker_is_claimed_alone(
    service: Any, database_url: str
) -> None:
    sent = await _neighbours(service)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE inbox SET state = 'applying', attempts = 1")
        assert set((await service.applier.apply_all(sent)).values()) == {State.APPLIED}
        times = connection.execute("SELECT count(DISTINCT applied_at) FROM inbox").fetchone()
    assert times == (len(sent),)


async def test_what_cost_too_many_workers_is_dead(
    settings: Settings, service: Any, database_url: str
) -> None:
    sent = await _neighbours(service, 1)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE inbox SET state = 'applying', attempts = %s", [settings.max_attempts]
        )
    assert await service.applier.apply_all(sent) == {}
    row = await service.row(sent[0])
    assert (row["state"], row["last_error"]) == ("dead", "its workers were lost")


async def test_all_that_happened_to_one_record_is_applied_in_one_batch(service: Any) -> None:
    sent = [
        await service.deliver("user.created"),
        await service.deliver("user.updated", version=3000),
        await service.deliver("user.updated", version=2000),
        await service.deliver("waitlistEntry.created", "wl_1"),
        await service.deliver("user.deleted"),
        await service.deliver("user.updated", version=4000),
    ]
    states = await service.applier.apply_all(sent)
    assert [states[svix_id].value for svix_id in sent] == [
        "applied",
        "applied",
        "ignored_stale",
        "ignored",
        "applied",
        "ignored_stale",
    ]
    user = await service.user()
    assert (user["active"], user["clerk_updated_at"]) == (False, 3000)
    assert sorted(kind for _, kind in await service.effects()) == ["goodbye", "welcome"]


async def test_whoever_is_woken_for_one_takes_along_what_waited_longest(service: Any) -> None:
    sent = await _neighbours(service)
    states = await service.applier.apply_all([sent[-1]], more=2)
    assert states.keys() == {sent[-1], *sent[:2]}
    assert await service.applier.apply_all([sent[0]], more=10) == dict.fromkeys(
        sent[2:-1], State.APPLIED
    )
