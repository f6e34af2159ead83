"""The valid signature is one among others."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import entries_of, forged, with_entries
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["MultipleSignatures"]

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class MultipleSignatures(DeliveryFault):
    """An attempt bears its own signatures among others, in an order that is drawn.

    Attributes:
        wrong: So many of a known version that are of nobody.
        unknown: So many of the version ``v9``.
    """

    kind: ClassVar[str] = "multiple_signatures"

    wrong: Annotated[int, Between(0, MOST)] = 2
    unknown: Annotated[int, Between(0, MOST)] = 1

    def check(self) -> None:
        """Refuse what would change nothing."""
        if not self.wrong and not self.unknown:
            raise ApiError.bad_value("wrong", "at least 1, unless there are unknown ones")

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send it with more signatures."""
        own = entries_of(passage.shipment)
        model = own[0]
        entries = [
            *own,
            *(forged(model, passage.random) for _ in range(self.wrong)),
            *(forged(model, passage.random, "v9") for _ in range(self.unknown)),
        ]
        passage.random.shuffle(entries)
        return await proceed(with_entries(passage.shipment, entries))
