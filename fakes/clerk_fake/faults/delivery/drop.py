"""Messages are lost on their way."""

from dataclasses import dataclass
from typing import ClassVar

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.webhooks.sender import Answer, DeliveryError
from clerk_fake.webhooks.shipment import VanishedError

__all__ = ["Drop"]


@dataclass(frozen=True, slots=True)
class Drop(DeliveryFault):
    """An attempt is never sent.

    Attributes:
        retried: Whether the sender takes it for a timeout and tries again; otherwise the message is
            lost for good, and no attempt tells of it.
    """

    kind: ClassVar[str] = "drop"

    retried: bool = False

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send nothing."""
        del passage, proceed
        if self.retried:
            raise DeliveryError("timeout", "no answer in time (drop: it was never sent)")
        raise VanishedError("drop")
