"""Signatures are of a kind that nobody knows yet."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.passage import BegunDeliveryFault, DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import entries_of, forged, with_entries
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.jsontypes import Length
from clerk_fake.webhooks.sender import Answer

__all__ = ["UnknownVersion"]


@dataclass(frozen=True, slots=True)
class UnknownVersion(DeliveryFault):
    """An attempt bears no signature but such as ``v9,…``.

    Attributes:
        version: Letters and digits; neither ``v1`` nor ``v1a``.
    """

    kind: ClassVar[str] = "unknown_version"

    version: Annotated[str, Length(1, 16)] = "v9"

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Refuse a version that is known.

        Raises:
            ApiError: 422, it is, or has other characters than letters and digits.
        """
        del onset
        if self.version in {"v1", "v1a"} or not (self.version.isascii() and self.version.isalnum()):
            raise ApiError.bad_value("version", "letters and digits, neither v1 nor v1a")
        return self

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Send it with signatures that cannot be told."""
        entries = [
            forged(entry, passage.random, self.version) for entry in entries_of(passage.shipment)
        ]
        return await proceed(with_entries(passage.shipment, entries))
