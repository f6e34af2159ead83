"""The receiver's answer is lost on its way back."""

from dataclasses import dataclass
from typing import ClassVar

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.webhooks.sender import Answer, DeliveryError

__all__ = ["AckLost"]


@dataclass(frozen=True, slots=True)
class AckLost(DeliveryFault):
    """The message arrives and is answered; the sender records a timeout at once and tries again."""

    kind: ClassVar[str] = "ack_lost"
    counts_itself: ClassVar[bool] = True

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send, and throw the answer away."""
        answer = await proceed(passage.shipment)
        passage.tally.fired += 1
        raise DeliveryError("timeout", f"no answer in time (ack_lost: it was {answer.status})")
