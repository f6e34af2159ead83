"""Where faults come between an instance's dispatcher and the wire."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from clerk_fake.faults.delivery.passage import BegunDeliveryFault, Passage
from clerk_fake.instance import Instance
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.shipment import Post, Shipment

if TYPE_CHECKING:
    from clerk_fake.faults.active import ActiveFault
    from clerk_fake.faults.board import Faults

__all__ = ["DeliverySeam"]


class DeliverySeam:
    """Lets the faults that strike an attempt act; implements ``Seam`` of the webhooks.

    Args:
        faults: All that were set.
        instance: Whose deliveries pass here, until ``leave``.
    """

    def __init__(self, faults: "Faults", instance: Instance) -> None:
        self._faults = faults
        self._instance = instance
        instance.dispatcher.seam = self

    def leave(self) -> None:
        """Be in nobody's way any more."""
        self._instance.dispatcher.seam = None

    async def ship(self, shipment: Shipment, post: Post) -> Answer:
        """Let the faults that strike an attempt act, the outermost first."""
        concerned: list[ActiveFault[BegunDeliveryFault]] = self._faults.striking(
            "delivery", self._instance.id
        )

        async def reach(place: int, shipment: Shipment) -> Answer:
            for index in range(place, len(concerned)):
                active = concerned[index]
                if active.strikes(shipment):
                    if active.state != "active":  # its last one: it must not wait for more
                        asyncio.get_running_loop().call_soon(self._faults.sort_out)
                    passage = Passage(shipment, self._instance, active.random, active.tally)
                    return await active.begun.act(passage, partial(reach, index + 1))
            return await post(shipment)

        try:
            return await reach(0, shipment)
        finally:
            if any(active.state != "active" for active in concerned):
                self._faults.sort_out()
