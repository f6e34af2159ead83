"""Bodies come slowly."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.manner import Manner
from clerk_fake.webhooks.sender import Answer

__all__ = ["SlowBody"]

LONGEST_S: Final = 3600
MOST_SLICES: Final = 10_000


@dataclass(frozen=True, slots=True)
class SlowBody(DeliveryFault):
    """The head and the first slice of a body come at once, the others one by one.

    Attributes:
        slices: So many parts of about the same length.
        pause_s: So long before each further one, in real seconds; all of it counts towards the
            sender's timeout.
    """

    kind: ClassVar[str] = "slow_body"

    slices: Annotated[int, Between(2, MOST_SLICES)] = 4
    pause_s: Annotated[float, Between(0, LONGEST_S)] = 0.25

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send it slowly."""
        slowly = Manner(slices=self.slices, pause_s=self.pause_s)
        return await proceed(replace(passage.shipment, manner=slowly))
