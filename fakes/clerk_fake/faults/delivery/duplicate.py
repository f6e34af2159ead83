"""Messages come more than once."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import current_keys, timestamp_of
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.attempts import SUCCESS
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.shipment import Shipment

__all__ = ["Duplicate"]

MOST_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class Duplicate(DeliveryFault):
    """A message is sent again as soon as it was acknowledged; the last answer is recorded.

    What is refused is not sent again here: the schedule does that.

    Attributes:
        copies: How many more there are.
        signing: ``identical`` bytes, or ``fresh``: the same id, signed anew a second later.
    """

    kind: ClassVar[str] = "duplicate"
    counts_itself: ClassVar[bool] = True

    copies: Annotated[int, Between(1, MOST_COPIES)] = 1
    signing: Literal["identical", "fresh"] = "identical"

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send it, and its copies one after the other."""
        original = passage.shipment
        answer = await proceed(original)
        for number in range(1, self.copies + 1):
            if answer.status not in SUCCESS:
                break
            if number == 1:
                passage.tally.fired += 1
            answer = await proceed(self._copy(passage, original, number))
        return answer

    def _copy(self, passage: Passage, original: Shipment, number: int) -> Shipment:
        if self.signing == "identical":
            return original
        keys = current_keys(original, passage.instance)
        # A later second, not the time of day: the copy must differ, however fast it comes.
        return original.signed(keys, timestamp_of(original) + number)
