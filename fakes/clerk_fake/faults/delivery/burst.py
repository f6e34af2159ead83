"""Messages come in bursts."""

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.gathering import Gathering, Place
from clerk_fake.faults.delivery.passage import BegunDeliveryFault, DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.faults.tally import Tally
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["Burst"]

MOST: Final = 10_000
LONGEST_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Burst(DeliveryFault):
    """Messages to one endpoint are held, then all go out at once.

    Attributes:
        size: So many are enough; there may be more of them than a sender has under way otherwise.
        wait_s: So long they are held at most, in real seconds.
    """

    kind: ClassVar[str] = "burst"
    counts_itself: ClassVar[bool] = True

    size: Annotated[int, Between(2, MOST)] = 100
    wait_s: Annotated[float, Between(0, LONGEST_S)] = 1.0

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Hold what comes from now on."""
        return _Holding(self, onset.tally)


@dataclass(frozen=True, slots=True)
class _Holding(BegunDeliveryFault):
    burst: Burst
    tally: Tally
    gatherings: dict[str, Gathering] = field(default_factory=dict)

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        endpoint_id = passage.shipment.endpoint.id
        gathering = self.gatherings.get(endpoint_id)
        if gathering is None:
            go = partial(_let_go, self.tally)
            gathering = Gathering(self.burst.size, self.burst.wait_s, go)
            self.gatherings[endpoint_id] = gathering
        with passage.instance.dispatcher.parked(endpoint_id):
            await gathering.join()
        return await proceed(passage.shipment)

    def end(self) -> None:
        """Let go what is held."""
        for gathering in self.gatherings.values():
            gathering.release()


def _let_go(tally: Tally, places: list[Place]) -> None:
    if len(places) > 1:  # one message is no burst
        tally.fired += len(places)
    for place in places:
        place.set_result(None)
