"""Take down everything that an instance holds, and put it back.

The identity (keys, host) is not part of a snapshot: it can be put back into another instance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from clerk_fake.clock import ClockReading, ClockSetting
from clerk_fake.codec import read_value
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.limits.settings import Limits
from clerk_fake.model.nouns import NOUNS
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import MOST_ASKED, Delivery
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.failures import FailingEndpoint
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.schedule import DeliverySchedule

if TYPE_CHECKING:
    from clerk_fake.state import Entity

__all__ = ["Snapshot", "read_snapshot", "restore_snapshot", "write_snapshot"]

VERSION: Final = 1
BATCH: Final = 1000
"""So many rows are written at a time."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How far an instance with a seed is in its ids, so that none is given twice.

    Attributes:
        seed: Of the instance.
        ids: How many were drawn.
        attempt_ids: The same of attempts.
        operational_ids: The same of operational messages.
    """

    seed: int
    ids: int
    attempt_ids: int
    operational_ids: int = 0


@dataclass(frozen=True, slots=True)
class Books:
    """One stream of messages; as in ``Snapshot``."""

    endpoints: tuple[Endpoint, ...] = ()
    messages: tuple[Event, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    failures: tuple[FailingEndpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance at rest.

    Attributes:
        version: Of this layout.
        clock: Time, offset and state of its clock.
        turned_ms: How far that was turned forward by hand.
        schedule: How messages are retried.
        draws: Of an instance with a seed.
        state: Noun → its entities, oldest first.
        endpoints: Receivers.
        messages: The event log.
        deliveries: How far each message has come.
        attempts: What was tried.
        failures: Endpoints that have taken nothing for a while.
        operational: The same of operational messages, if there are any.
        limits: What is allowed, if anything is limited; not how much of it was used.
    """

    version: int
    clock: ClockReading
    schedule: DeliverySchedule
    state: dict[str, Any]
    endpoints: tuple[Endpoint, ...] = ()
    messages: tuple[Event, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    failures: tuple[FailingEndpoint, ...] = ()
    operational: Books | None = None
    limits: Limits | None = None
    turned_ms: int = 0
    draws: Draws | None = None


def write_snapshot(instance: Instance, *, limit: int) -> bytes:
    """Return everything that ``instance`` holds now, as JSON.

    Raises:
        ApiError: 422, it is larger than ``limit`` bytes.
    """
    pieces = []
    size = 0
    for piece in _pieces(instance):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise ApiError.of(
                422,
                "snapshot_too_large",
                "is too large",
                f"The instance is larger than a snapshot may be, {limit} bytes: "
                "keep such a server in a file (--state), and copy that while it is stopped.",
            )
    return b"".join(pieces)


def read_snapshot(document: JsonObject) -> Snapshot:
    """Check a decoded snapshot; ``state`` holds entities afterwards.

    Raises:
        ApiError: 422 that names the place that is wrong.
    """
    raw = read_value(Snapshot, document, "snapshot")
    if raw.version != VERSION:
        raise ApiError.bad_value("snapshot.version", f"{VERSION}")
    known = {noun.name: noun for noun in NOUNS}
    for name in raw.state:
        if name not in known:
            raise ApiError.unknown_param(f"snapshot.state.{name}")
    state: dict[str, Any] = {
        name: [
            read_value(known[name].entity, row, f"snapshot.state.{name}[{index}]")
            for index, row in enumerate(read_value(list, rows, f"snapshot.state.{name}"))
        ]
        for name, rows in raw.state.items()
    }
    _check_whole(raw)
    if raw.operational is not None:
        _check_whole(raw.operational, "snapshot.operational")
    return replace(raw, state=state)


def restore_snapshot(instance: Instance, snapshot: Snapshot) -> None:
    """Make ``instance`` hold exactly what ``snapshot`` (from ``read_snapshot``) says.

    A clock that ran goes on from the offset that it had; a frozen one stands where it stood.
    """
    instance.reset()
    reading = snapshot.clock
    frozen_at = reading.now_ms if reading.frozen else None
    instance.clock.restore(ClockSetting(reading.offset_ms, frozen_at, snapshot.turned_ms))
    if snapshot.draws is not None and snapshot.draws.seed == instance.identity.seed:
        instance.ids.resume(snapshot.draws.ids)
        instance.attempt_ids.resume(snapshot.draws.attempt_ids)
        instance.operational_ids.resume(snapshot.draws.operational_ids)
    instance.dispatcher.schedule = snapshot.schedule
    for noun in NOUNS:
        table = instance.state.of(noun)
        entities: list[Entity] = snapshot.state.get(noun.name, [])
        for entity in entities:
            table.put(entity)
    _fill(instance.outbox, snapshot)
    if snapshot.operational is not None:
        _fill(instance.operational.outbox, snapshot.operational)
    instance.limit(snapshot.limits)
    for dispatcher in instance.dispatchers:
        dispatcher.resume()


def _fill(outbox: Outbox, books: Snapshot | Books) -> None:
    outbox.endpoints.replace_all(books.endpoints)
    outbox.log.replace(list(books.messages))
    outbox.deliveries.replace_all(books.deliveries)
    outbox.attempts.replace_all(books.attempts)
    outbox.failures.replace_all(books.failures)


def _check_whole(books: Snapshot | Books, path: str = "snapshot") -> None:
    for name, rows in (("messages", books.messages), ("attempts", books.attempts)):
        first = rows[0].seq if rows else 1
        if [row.seq for row in rows] != list(range(first, first + len(rows))):
            raise ApiError.bad_value(f"{path}.{name}", "in the order of seq, without gaps")
    if not all(0 <= delivery.asked <= MOST_ASKED for delivery in books.deliveries):
        raise ApiError.bad_value(f"{path}.deliveries.asked", f"from 0 to {MOST_ASKED}")
    if books.messages and books.messages[0].seq != 1:
        raise ApiError.bad_value(f"{path}.messages", "complete from seq 1")


def _pieces(instance: Instance) -> Iterator[bytes]:
    """Write a snapshot bit by bit, so that no second copy of the state is made."""
    yield orjson.dumps(_frame(instance))[:-1] + b',"state":{'
    for number, noun in enumerate(NOUNS):
        yield (b"," if number else b"") + orjson.dumps(noun.name) + b":"
        yield from _rows(instance.state.of(noun).oldest_first())
    yield b"},"
    yield from _books(instance.outbox)
    if instance.has_operational:
        yield b',"operational":{'
        yield from _books(instance.operational.outbox)
        yield b"}"
    yield b"}"


def _books(outbox: Outbox) -> Iterator[bytes]:
    books: tuple[tuple[bytes, Iterable[object]], ...] = (
        (b"endpoints", outbox.endpoints),
        (b"messages", outbox.log.after(0)),
        (b"deliveries", outbox.deliveries),
        (b"attempts", outbox.attempts.after(0)),
        (b"failures", outbox.failures),
    )
    for number, (name, rows) in enumerate(books):
        yield (b"," if number else b"") + b'"' + name + b'":'
        yield from _rows(rows)


def _frame(instance: Instance) -> JsonObject:
    """Return what is small, under the names of ``Snapshot``."""
    seed = instance.identity.seed
    return {
        "version": VERSION,
        "clock": instance.clock.reading(),
        "turned_ms": instance.clock.turned_ms,
        "schedule": instance.dispatcher.schedule,
        "limits": None if instance.limiter is None else instance.limiter.limits,
        "draws": None
        if seed is None
        else Draws(
            seed,
            instance.ids.drawn,
            instance.attempt_ids.drawn,
            instance.operational_ids.drawn,
        ),
    }


def _rows(rows: Iterable[object]) -> Iterator[bytes]:
    left = iter(rows)
    separator = b"["
    while batch := list(islice(left, BATCH)):
        yield separator + orjson.dumps(batch)[1:-1]
        separator = b","
    yield b"[]" if separator == b"[" else b"]"
