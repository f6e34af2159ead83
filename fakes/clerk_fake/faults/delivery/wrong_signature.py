"""Signatures are wrong."""

from dataclasses import dataclass
from typing import ClassVar

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import entries_of, forged, with_entries
from clerk_fake.webhooks.sender import Answer

__all__ = ["WrongSignature"]


@dataclass(frozen=True, slots=True)
class WrongSignature(DeliveryFault):
    """Every signature of an attempt is of the right version and length, and of nobody."""

    kind: ClassVar[str] = "wrong_signature"

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send it with noise for signatures."""
        entries = [forged(entry, passage.random) for entry in entries_of(passage.shipment)]
        return await proceed(with_entries(passage.shipment, entries))
