"""Messages are signed by a clock that goes wrong."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import current_keys, timestamp_of
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["ClockSkew"]

FARTHEST_S: Final = 24 * 365 * 3600


@dataclass(frozen=True, slots=True)
class ClockSkew(DeliveryFault):
    """The timestamp of an attempt is shifted, and signed as it is.

    Attributes:
        skew_s: Positive for a message from the future, negative for one from the past.
    """

    kind: ClassVar[str] = "clock_skew"

    skew_s: Annotated[int, Between(-FARTHEST_S, FARTHEST_S)]

    def check(self) -> None:
        """Refuse what would change nothing."""
        if not self.skew_s:
            raise ApiError.bad_value("skew_s", "another number than 0")

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Sign it at another time."""
        shipment = passage.shipment
        keys = current_keys(shipment, passage.instance)
        return await proceed(shipment.signed(keys, timestamp_of(shipment) + self.skew_s))
