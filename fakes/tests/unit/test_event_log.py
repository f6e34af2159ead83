from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.clock import Clock
from clerk_fake.events.log import Event, EventLog, Heading, MessageDetails, Origin
from clerk_fake.events.payloads import Payloads
from clerk_fake.identities import InstanceRequest
from clerk_fake.ids import Ids
from clerk_fake.instances import Instances
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender

OPEN_FILES = Path("/proc/self/fd")
DATA = st.dictionaries(st.text(max_size=5), st.text(max_size=50) | st.integers(-5, 5), max_size=5)


def small_log() -> EventLog:
    return EventLog("ins_1", Clock(), Ids(1), Payloads(in_memory=600, portion=200))


@given(data=st.lists(DATA, max_size=40))
def test_a_log_gives_back_what_was_told_wherever_it_keeps_it(data: list[dict[str, object]]) -> None:
    log = small_log()
    told: list[Event] = []
    log.on_append(told.append)
    for number, item in enumerate(data):
        log.append(f"type.{number % 3}", {**item, "id": f"id_{number}"}, Origin("ip", "agent"))

    assert list(log.after(0)) == told
    assert [event.seq for event in told] == list(range(1, len(data) + 1))
    assert [log.get(event.id) for event in told] == told
    assert list(log.after(5)) == told[5:]
    assert list(log.after(0, "type.1")) == [event for event in told if event.type == "type.1"]
    assert [orjson.loads(event.payload)["data"]["id"] for event in told] == [
        event.object_id for event in told
    ]

    other = small_log()
    other.replace(told)
    assert list(other.after(0)) == told
    other.replace([])
    assert len(other) == 0
    log.close()


def test_json_that_is_written_already_is_put_in_as_it_is() -> None:
    log = small_log()

    event = log.append("a.b", orjson.Fragment(b'{"id":"x"}'), Origin(), object_id="x")

    assert orjson.loads(event.payload)["data"] == {"id": "x"}
    assert event.object_id == "x"


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="counts open files on Linux")
def test_the_files_of_an_instance_are_closed_when_it_is_deleted_or_reset() -> None:
    instances = Instances(shared_key=SharedKey(), sender=Sender(), base_url="http://127.0.0.1")
    before = len(list(OPEN_FILES.iterdir()))
    for end in ("delete", "reset"):
        instance = instances.create(InstanceRequest())
        for number in range(40):
            instance.log.append("a.b", {"id": str(number), "much": "x" * 1_000_000}, Origin())
        assert len(list(OPEN_FILES.iterdir())) == before + 1
        if end == "delete":
            instances.delete(instance.id)
        else:
            instance.reset()
        assert len(list(OPEN_FILES.iterdir())) == before


def test_headings_are_those_of_the_events_either_way_from_anywhere() -> None:
    log = small_log()
    for number in range(7):
        details = MessageDetails(tags=("x",)) if number % 3 == 0 else MessageDetails()
        log.append_message(f"t{number}", "{}", details=details)
    log.expunge(next(iter(log.after(1))).id)

    def seen(beyond: int | None = None, *, falling: bool, detailed: bool = False) -> list[int]:
        return [heading.seq for heading in log.headings(beyond, falling=falling, detailed=detailed)]

    assert seen(falling=False) == [1, 2, 3, 4, 5, 6, 7]
    assert seen(falling=True) == [7, 6, 5, 4, 3, 2, 1]
    assert seen(3, falling=False) == [4, 5, 6, 7]
    assert seen(3, falling=True) == [2, 1]
    assert seen(99, falling=True) == [7, 6, 5, 4, 3, 2, 1]
    assert seen(99, falling=False) == seen(1, falling=True) == seen(0, falling=True) == []
    assert seen(falling=False, detailed=True) == [1, 2, 4, 7]
    assert seen(4, falling=True, detailed=True) == [2, 1]
    assert seen(1, falling=False, detailed=True) == [2, 4, 7]
    for heading, event in zip(log.headings(falling=False), log.after(0), strict=True):
        assert heading == Heading.of(event) == log.heading(event.id)
