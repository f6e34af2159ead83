"""How far each message has come at each endpoint."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from clerk_fake.frozen import quickly_frozen

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["MOST_ASKED", "Deliveries", "Delivery", "DeliveryState"]

MOST_ASKED: Final = 1000
"""So many resends of one message may wait before one endpoint."""


class DeliveryState(StrEnum):
    """Whether a message has arrived, may still arrive, or was given up."""

    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"


@quickly_frozen
class Delivery:
    """One message on its way to one endpoint.

    Attributes:
        message_id: What.
        endpoint_id: Where to.
        state: How it stands.
        attempts: How often it was tried so far, resends included.
        step: How many steps of the schedule are behind it.
        due_at: When it is tried next, on the instance's clock, ms.
        turned_ms: How far the clock had been turned by hand when ``due_at`` was set.
        asked: How many resends were asked for and have not been made yet.
    """

    message_id: str
    endpoint_id: str
    state: DeliveryState
    attempts: int
    step: int
    due_at: int
    turned_ms: int
    asked: int = 0

    @property
    def on_its_way(self) -> int:
        """How many attempts are still to come, at least."""
        return self.asked + (self.state is DeliveryState.PENDING)


class Deliveries:
    """All deliveries of one instance.

    Most messages go to one endpoint: their delivery is then kept bare, without a tuple around it.
    """

    def __init__(self) -> None:
        self.changes: Changes | None = None
        self._by_message: dict[str, Delivery | tuple[Delivery, ...]] = {}
        self._pending = 0

    @property
    def pending(self) -> int:
        """How many messages are on their way, counted per endpoint, resends included."""
        return self._pending

    def __len__(self) -> int:
        return len(self._by_message)

    def __iter__(self) -> Iterator[Delivery]:
        for held in self._by_message.values():
            yield from (held,) if isinstance(held, Delivery) else held

    def get(self, message_id: str, endpoint_id: str) -> Delivery | None:
        """Return how ``message_id`` stands at ``endpoint_id``, if it was ever sent there."""
        held = self._by_message.get(message_id)
        if held is None or isinstance(held, Delivery):
            return held if held is not None and held.endpoint_id == endpoint_id else None
        for delivery in held:
            if delivery.endpoint_id == endpoint_id:
                return delivery
        return None

    def put(self, delivery: Delivery) -> None:
        """Add or replace a delivery."""
        message_id, endpoint_id = delivery.message_id, delivery.endpoint_id
        held = self._by_message.get(message_id)
        if held is None or (isinstance(held, Delivery) and held.endpoint_id == endpoint_id):
            old = held
            self._by_message[message_id] = delivery
        else:
            old = self.get(message_id, endpoint_id)
            all_of_it = self._of(message_id)
            self._by_message[message_id] = (
                (*all_of_it, delivery)
                if old is None
                else tuple(delivery if each is old else each for each in all_of_it)
            )
        if old is not None:
            self._pending -= old.on_its_way
        self._pending += delivery.on_its_way
        if self.changes is not None:
            key = f"{delivery.message_id} {delivery.endpoint_id}"
            self.changes.put("deliveries", key, delivery)

    def endpoints_of(self, message_id: str) -> tuple[str, ...]:
        """Return the ids of the endpoints that ``message_id`` was meant for."""
        return tuple(delivery.endpoint_id for delivery in self._of(message_id))

    def status_of(self, message_id: str) -> str:
        """Sum up a message: ``none``, ``pending``, ``exhausted`` or ``delivered`` (everywhere)."""
        states = {delivery.state for delivery in self._of(message_id)}
        for state in (DeliveryState.PENDING, DeliveryState.EXHAUSTED, DeliveryState.DELIVERED):
            if state in states:
                return state.value
        return "none"

    def replace_all(self, deliveries: Iterable[Delivery]) -> None:
        """Hold exactly these (from a snapshot, or none)."""
        self._by_message = {}
        self._pending = 0
        if self.changes is not None:
            self.changes.wipe("deliveries")
        for delivery in deliveries:
            self.put(delivery)

    def _of(self, message_id: str) -> tuple[Delivery, ...]:
        held = self._by_message.get(message_id, ())
        return (held,) if isinstance(held, Delivery) else held
