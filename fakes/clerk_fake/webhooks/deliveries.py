"""How far each message has come at each endpoint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Deliveries", "Delivery", "DeliveryState"]


class DeliveryState(StrEnum):
    """Whether a message has arrived, may still arrive, or was given up."""

    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
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
    """

    message_id: str
    endpoint_id: str
    state: DeliveryState
    attempts: int
    step: int
    due_at: int
    turned_ms: int


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
        """How many messages are still on their way, counted per endpoint."""
        return self._pending

    def __len__(self) -> int:
        return len(self._by_message)

    def __iter__(self) -> Iterator[Delivery]:
        for held in self._by_message.values():
            yield from (held,) if isinstance(held, Delivery) else held

    def get(self, message_id: str, endpoint_id: str) -> Delivery | None:
        """Return how ``message_id`` stands at ``endpoint_id``, if it was ever sent there."""
        for delivery in self._of(message_id):
            if delivery.endpoint_id == endpoint_id:
                return delivery
        return None

    def put(self, delivery: Delivery) -> None:
        """Add or replace a delivery."""
        held = self._of(delivery.message_id)
        old = self.get(delivery.message_id, delivery.endpoint_id)
        if old is None:
            held = (*held, delivery)
        else:
            held = tuple(delivery if other is old else other for other in held)
        self._by_message[delivery.message_id] = held[0] if len(held) == 1 else held
        self._pending -= old is not None and old.state is DeliveryState.PENDING
        self._pending += delivery.state is DeliveryState.PENDING
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
