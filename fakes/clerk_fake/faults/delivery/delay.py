"""Messages are late."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.passage import (
    BegunDeliveryFault,
    DeliveryFault,
    Passage,
    Proceed,
    instance_of,
)
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.shipment import PostponedError, Shipment

__all__ = ["Delay"]

LONGEST_S: Final = 365 * 24 * 3600

Postponed: TypeAlias = tuple[str, str, int, bool]


@dataclass(frozen=True, slots=True)
class Delay(DeliveryFault):
    """Each attempt is made later, and holds up nothing meanwhile; when healed, at once.

    Attributes:
        delay_s: So much later, on the instance's clock.
        jitter_s: Up to so much less or more, evenly spread; never earlier than now.
    """

    kind: ClassVar[str] = "delay"

    delay_s: Annotated[float, Between(0, LONGEST_S)]
    jitter_s: Annotated[float, Between(0, LONGEST_S)] = 0.0

    def check(self) -> None:
        """Refuse what would change nothing."""
        if not self.delay_s and not self.jitter_s:
            raise ApiError.bad_value("delay_s", "more than 0, or a jitter")

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Remember what is late already, so that nothing is so twice."""
        return _Delaying(self, instance_of(onset))


@dataclass(frozen=True, slots=True)
class _Delaying(BegunDeliveryFault):
    delay: Delay
    instance: Instance
    late: set[Postponed] = field(default_factory=set)

    def spares(self, subject: Shipment) -> bool:
        """Let pass whatever comes again."""
        key = _key(subject)
        if key not in self.late:
            return False
        self.late.discard(key)
        return True

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        del proceed
        delay, jitter_s = self.delay, self.delay.jitter_s
        drawn_s = max(delay.delay_s + passage.random.uniform(-jitter_s, jitter_s), 0.0)
        self.late.add(_key(passage.shipment))
        raise PostponedError(self.instance.clock.now_ms() + round(drawn_s * 1000))

    def heal(self) -> None:
        """Have everything that is still late sent now."""
        for endpoint in self.instance.endpoints:
            here = frozenset(late[0] for late in self.late if late[1] == endpoint.id)
            self.instance.dispatcher.hasten(endpoint.id, here)
        self.late.clear()


def _key(shipment: Shipment) -> Postponed:
    return (shipment.event.id, shipment.endpoint.id, shipment.number, shipment.by_hand)
