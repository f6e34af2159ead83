"""Whatever the model may hold comes back from a snapshot and from a state file."""

import asyncio
import importlib
import pkgutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from generated import values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clerk_fake.model
from clerk_fake.codec import read_value
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event
from clerk_fake.holdings import Holdings, hold
from clerk_fake.instance import Instance
from clerk_fake.instances import InstanceRequest
from clerk_fake.limits.settings import Limits
from clerk_fake.model.nouns import NOUNS
from clerk_fake.model.records import Kind
from clerk_fake.model.snapshot import read_snapshot, restore_snapshot, write_snapshot
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.settings import ServerSettings
from clerk_fake.state import Noun
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.failures import FailingEndpoint
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.sender import Sender

NOW_MS = 1_700_000_000_000
MOST = 10**9


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(clerk_fake.model.__path__, "clerk_fake.model."):
        yield importlib.import_module(found.name)


def test_every_noun_of_the_model_is_known_to_snapshots_and_state_files() -> None:
    declared: dict[str, Noun[Any]] = {}
    for module in _modules():
        for value in vars(module).values():
            noun = value.noun if isinstance(value, Kind) else value
            if isinstance(noun, Noun):
                declared[noun.name] = noun

    assert set(declared) == {noun.name for noun in NOUNS}
    assert len(NOUNS) == len(declared)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_what_is_written_of_an_entity_is_read_again(noun: Noun[Any], data: st.DataObject) -> None:
    entity = data.draw(values_of(noun.entity))

    written = orjson.dumps(entity)

    assert read_value(noun.entity, orjson.loads(written), noun.name) == entity


def _rows(wanted: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(values_of(wanted), max_size=3)


CONTENT = st.fixed_dictionaries(
    {
        "nouns": st.lists(st.sampled_from(NOUNS), max_size=3, unique_by=lambda noun: noun.name)
        .map(lambda nouns: {noun.name: _rows(noun.entity) for noun in nouns})
        .flatmap(st.fixed_dictionaries),
        "endpoints": _rows(Endpoint),
        "messages": _rows(Event),
        "deliveries": _rows(Delivery),
        "attempts": _rows(Attempt),
        "failures": _rows(FailingEndpoint),
        "operational": st.booleans(),
        "schedule": values_of(DeliverySchedule),
        "limits": st.none() | values_of(Limits),
        "ids": st.integers(0, 3),
        "turns": st.lists(st.integers(0, 10**6), max_size=2),
    }
)


def _fill(instance: Instance, content: dict[str, Any]) -> None:
    """Put anything in, as long as it is in order."""
    for turn in content["turns"]:
        instance.clock.advance(turn)
    instance.clock.turn(now_ms=NOW_MS, frozen=True)
    for noun in NOUNS:
        for number, entity in enumerate(content["nouns"].get(noun.name, [])):
            instance.state.of(noun).put(replace(entity, id=f"{entity.id}{number}"))
    _fill_books(instance.outbox, content)
    if content["operational"]:
        _fill_books(instance.operational.outbox, content)
    instance.dispatcher.schedule = content["schedule"]
    instance.limit(content["limits"])
    for _ in range(content["ids"]):
        instance.ids.new("user")


def _fill_books(outbox: Outbox, content: dict[str, Any]) -> None:
    endpoints = [replace(row, id=str(seq)) for seq, row in enumerate(content["endpoints"])]
    outbox.endpoints.replace_all(endpoints)
    rows = enumerate(content["messages"], 1)
    outbox.log.replace([replace(row, seq=seq, id=f"msg_{seq}") for seq, row in rows])
    waiting = [replace(row, asked=row.asked % 3) for row in content["deliveries"]]
    outbox.deliveries.replace_all(waiting)
    rows = enumerate(content["attempts"], 1)
    outbox.attempts.replace_all([replace(row, seq=seq) for seq, row in rows])
    failing = [replace(row, endpoint_id=str(n)) for n, row in enumerate(content["failures"])]
    outbox.failures.replace_all(failing)


def _told(instance: Instance) -> dict[str, Any]:
    """Return what a snapshot holds, apart from how long its clock has stood still."""
    told: dict[str, Any] = orjson.loads(write_snapshot(instance, limit=MOST))
    del told["clock"]["offset_ms"]
    return told


def _held(state_file: Path | None) -> Holdings:
    settings = ServerSettings(state_file=state_file)
    return hold(settings, Sender(), "http://127.0.0.1:1")


@given(content=CONTENT)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_a_snapshot_of_anything_is_the_same_after_it_was_put_back(content: dict[str, Any]) -> None:
    async def check() -> None:
        instances = _held(None).instances
        source, target = (instances.create(InstanceRequest(seed=7)) for _ in range(2))
        _fill(source, content)
        snapshot = orjson.loads(write_snapshot(source, limit=MOST))
        restore_snapshot(target, read_snapshot(snapshot))
        assert _told(target) == _told(source)
        assert target.ids.new("user") == source.ids.new("user")
        target.dispatcher.abort()

    asyncio.run(check())


@given(content=CONTENT, more=CONTENT)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_a_state_file_of_anything_holds_it_again(
    content: dict[str, Any], more: dict[str, Any]
) -> None:
    async def live(file: Path, lives: list[dict[str, Any]]) -> None:
        before: dict[str, Any] | None = None
        for life in [*lives, None]:
            holdings = _held(file)
            assert holdings.journal is not None
            known = [info for info in holdings.instances if info is not holdings.first]
            instance = known[0] if known else holdings.instances.create(InstanceRequest(seed=7))
            if before is not None:
                assert _told(instance) == before
            if life is not None:
                _fill(instance, life)
                before = _told(instance)
            instance.dispatcher.abort()
            holdings.journal.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder) / "clerk.state", [content, more]))


def test_ids_of_a_seed_are_not_given_twice_after_a_restore_and_again_after_a_reset() -> None:
    async def check() -> None:
        instances = _held(None).instances
        source, target = (instances.create(InstanceRequest(seed=7)) for _ in range(2))
        first = source.ids.new("user")
        restore_snapshot(target, read_snapshot(orjson.loads(write_snapshot(source, limit=MOST))))
        assert target.ids.new("user") != first
        target.reset()
        assert target.ids.new("user") == first

    asyncio.run(check())


def test_a_snapshot_that_is_too_large_is_refused() -> None:
    async def check() -> None:
        instance = _held(None).first
        with pytest.raises(ApiError, match="--state") as refused:
            write_snapshot(instance, limit=100)
        assert refused.value.status == 422

    asyncio.run(check())


def test_thousands_of_rows_come_back_in_their_order() -> None:
    async def check() -> None:
        instances = _held(None).instances
        source, target = (instances.create(InstanceRequest()) for _ in range(2))
        for number in range(2_500):
            source.state.of(USERS).put(User(f"user_{number}", created_at=number % 7, updated_at=0))
        restore_snapshot(target, read_snapshot(orjson.loads(write_snapshot(source, limit=MOST))))
        users = list(target.state.of(USERS).oldest_first())
        assert users == list(source.state.of(USERS).oldest_first())
        assert len(users) == 2_500

    asyncio.run(check())
