"""Take down everything that an instance holds, and put it back.

The identity (keys, host) is not part of a snapshot: it can be put back into another instance.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from clerk_fake.clock import ClockReading
from clerk_fake.codec import read_value
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.limits.settings import Limits
from clerk_fake.model.nouns import NOUNS
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery
from clerk_fake.webhooks.endpoints import Endpoint
from clerk_fake.webhooks.schedule import DeliverySchedule

if TYPE_CHECKING:
    from clerk_fake.state import Entity

__all__ = ["Snapshot", "read_snapshot", "restore_snapshot", "take_snapshot"]

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance at rest.

    Attributes:
        version: Of this layout.
        clock: Time, offset and state of its clock.
        schedule: How messages are retried.
        state: Noun → its entities, oldest first.
        endpoints: Receivers.
        messages: The event log.
        deliveries: How far each message has come.
        attempts: What was tried.
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
    limits: Limits | None = None


def take_snapshot(instance: Instance) -> Snapshot:
    """Return everything that ``instance`` holds now."""
    return Snapshot(
        version=VERSION,
        clock=instance.clock.reading(),
        schedule=instance.dispatcher.schedule,
        state={noun.name: list(instance.state.of(noun).oldest_first()) for noun in NOUNS},
        endpoints=tuple(instance.endpoints),
        messages=tuple(instance.log.after(0)),
        deliveries=tuple(instance.deliveries),
        attempts=tuple(instance.attempts.after(0)),
        limits=None if instance.limiter is None else instance.limiter.limits,
    )


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
    return replace(raw, state=state)


def restore_snapshot(instance: Instance, snapshot: Snapshot) -> None:
    """Make ``instance`` hold exactly what ``snapshot`` (from ``read_snapshot``) says.

    A clock that ran goes on from the offset that it had; a frozen one stands where it stood.
    """
    instance.reset()
    if snapshot.clock.frozen:
        instance.clock.turn(now_ms=snapshot.clock.now_ms, frozen=True)
    elif snapshot.clock.offset_ms:
        instance.clock.advance(snapshot.clock.offset_ms)
    instance.dispatcher.schedule = snapshot.schedule
    for noun in NOUNS:
        table = instance.state.of(noun)
        entities: list[Entity] = snapshot.state.get(noun.name, [])
        for entity in entities:
            table.put(entity)
    instance.endpoints.replace_all(snapshot.endpoints)
    instance.log.replace(list(snapshot.messages))
    instance.deliveries.replace_all(snapshot.deliveries)
    instance.attempts.replace_all(snapshot.attempts)
    instance.limit(snapshot.limits)
    instance.dispatcher.resume()


def _check_whole(snapshot: Snapshot) -> None:
    for name, rows in (("messages", snapshot.messages), ("attempts", snapshot.attempts)):
        first = rows[0].seq if rows else 1
        if [row.seq for row in rows] != list(range(first, first + len(rows))):
            raise ApiError.bad_value(f"snapshot.{name}", "in the order of seq, without gaps")
    if snapshot.messages and snapshot.messages[0].seq != 1:
        raise ApiError.bad_value("snapshot.messages", "complete from seq 1")
