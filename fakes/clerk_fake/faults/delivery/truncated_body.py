"""Bodies end too soon."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.manner import Manner
from clerk_fake.webhooks.sender import Answer

__all__ = ["TruncatedBody"]


@dataclass(frozen=True, slots=True)
class TruncatedBody(DeliveryFault):
    """The connection is closed in the middle of a body whose whole length was announced.

    Attributes:
        body_share: How much of it is sent, 0 to 1, but never all.
    """

    kind: ClassVar[str] = "truncated_body"

    body_share: Annotated[float, Between(0, 1)] = 0.5

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send a part of it."""
        shipment = passage.shipment
        earlier = shipment.manner or Manner()
        cut = replace(earlier, cut_after=int(len(shipment.body) * self.body_share))
        return await proceed(replace(shipment, manner=cut))
