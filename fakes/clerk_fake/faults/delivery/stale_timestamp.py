"""Messages are older than anybody should take."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import current_keys, timestamp_of
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["StaleTimestamp"]

TOLERANCE_S: Final = 300
"""What Svix's libraries and Standard Webhooks take, https://www.standardwebhooks.com."""

OLDEST_S: Final = 24 * 365 * 3600


@dataclass(frozen=True, slots=True)
class StaleTimestamp(DeliveryFault):
    """An attempt was signed rightly, but longer ago than the tolerance of 5 minutes.

    Attributes:
        age_s: How long ago; more than 300.
    """

    kind: ClassVar[str] = "stale_timestamp"

    age_s: Annotated[int, Between(TOLERANCE_S + 1, OLDEST_S)] = 2 * TOLERANCE_S

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Sign it long ago."""
        shipment = passage.shipment
        keys = current_keys(shipment, passage.instance)
        return await proceed(shipment.signed(keys, timestamp_of(shipment) - self.age_s))
