"""A delivery that a fault strikes, and what every fault of deliveries looks like."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.draws import Draws
from clerk_fake.faults.fault import Begun, Fault, Onset, SeamName
from clerk_fake.faults.tally import Tally
from clerk_fake.instance import Instance
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.shipment import Shipment

__all__ = ["BegunDeliveryFault", "DeliveryFault", "Passage", "Proceed", "instance_of"]

Proceed: TypeAlias = Callable[[Shipment], Awaitable[Answer]]
"""Lets a shipment go on: to the next fault that strikes it, and in the end to its receiver.

It raises what ``Seam.ship`` may raise.
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """One attempt that a fault strikes.

    Attributes:
        shipment: What is to be sent.
        instance: By whom.
        random: The fault's own, seeded.
        tally: The fault's own, for kinds that count their effects by themselves.
    """

    shipment: Shipment
    instance: Instance
    random: random.Random
    tally: Tally


class BegunDeliveryFault(Begun):
    """A fault of deliveries that is in force."""

    __slots__ = ()

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Do it to one attempt; as for ``Seam.ship``."""
        return await proceed(passage.shipment)


@dataclass(frozen=True, slots=True)
class DeliveryFault(Fault, BegunDeliveryFault):
    """A fault that strikes deliveries of webhooks; each belongs to an instance."""

    seam: ClassVar[SeamName] = "delivery"
    where: ClassVar[type[Draws]] = Where
    lives_in_an_instance: ClassVar[bool] = True

    def aim(self, onset: Onset[Where]) -> Callable[[Shipment], bool]:
        """Return what tells whether an attempt is meant."""
        endpoint_id = onset.where.endpoint_id
        meant_type = onset.where.types()
        if endpoint_id is not None and instance_of(onset).endpoints.get(endpoint_id) is None:
            raise ApiError.bad_value("endpoint_id", "the id of an endpoint of this instance")

        def meant(shipment: Shipment) -> bool:
            return endpoint_id in (None, shipment.endpoint.id) and meant_type(shipment.event.type)

        return meant

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Be in force; most faults keep nothing, and are so by themselves."""
        del onset
        return self


def instance_of(onset: Onset[Where]) -> Instance:
    """Return whose deliveries are struck.

    Raises:
        ApiError: 422, it was set for a whole server.
    """
    if onset.instance is None:
        raise ApiError.missing_param("instance_id")
    return onset.instance
