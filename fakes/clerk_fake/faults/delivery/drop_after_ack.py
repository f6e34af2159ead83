"""Messages are taken for delivered that nobody has seen."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["DropAfterAck"]


@dataclass(frozen=True, slots=True)
class DropAfterAck(DeliveryFault):
    """Something in between acknowledges and loses: recorded as a success, never seen.

    Attributes:
        status: What is recorded, 200 to 299.
    """

    kind: ClassVar[str] = "drop_after_ack"

    status: Annotated[int, Between(200, 299)] = 200

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Answer in the place of the receiver."""
        del passage, proceed
        return Answer(self.status, b"", 0.0)
