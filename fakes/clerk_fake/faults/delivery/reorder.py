"""Messages overtake each other."""

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.gathering import Gathering, Place
from clerk_fake.faults.delivery.passage import BegunDeliveryFault, DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.faults.tally import Tally
from clerk_fake.jsontypes import Between
from clerk_fake.webhooks.sender import Answer

__all__ = ["Reorder"]

WIDEST: Final = 16
"""More are not under way to one endpoint."""

LONGEST_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Reorder(DeliveryFault):
    """Messages to one endpoint are held and sent in another order, one after the other.

    Attributes:
        window: So many are enough, 2 to 16.
        wait_s: So long they are held at most, in real seconds; one that is alone goes as it came.
    """

    kind: ClassVar[str] = "reorder"
    counts_itself: ClassVar[bool] = True

    window: Annotated[int, Between(2, WIDEST)] = WIDEST
    wait_s: Annotated[float, Between(0, LONGEST_S)] = 0.5

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Hold what comes from now on."""
        return _Shuffling(self, onset.random, onset.tally)


@dataclass(frozen=True, slots=True)
class _Shuffling(BegunDeliveryFault):
    reorder: Reorder
    random: random.Random
    tally: Tally
    gatherings: dict[str, Gathering] = field(default_factory=dict)
    next_after: dict[Place, Place] = field(default_factory=dict)

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        place = self._gathering(passage.shipment.endpoint.id).join()
        try:
            await place
            return await proceed(passage.shipment)
        finally:
            self._call_next(place)

    def end(self) -> None:
        """Let go what is held, all at once."""
        for gathering in self.gatherings.values():
            gathering.release()
        waiting = tuple(self.next_after.values())
        self.next_after.clear()
        for place in waiting:
            _call(place)

    def _gathering(self, endpoint_id: str) -> Gathering:
        gathering = self.gatherings.get(endpoint_id)
        if gathering is None:
            gathering = Gathering(self.reorder.window, self.reorder.wait_s, self._shuffle)
            self.gatherings[endpoint_id] = gathering
        return gathering

    def _shuffle(self, places: list[Place]) -> None:
        shuffled = list(places)
        while len(places) > 1 and shuffled == places:  # as they came would be no fault
            self.random.shuffle(shuffled)
        came_and_goes = zip(places, shuffled, strict=True)
        self.tally.fired += sum(came is not goes for came, goes in came_and_goes)
        self.next_after.update(pairwise(shuffled))
        _call(shuffled[0])

    def _call_next(self, place: Place) -> None:
        following = self.next_after.pop(place, None)
        while following is not None and not _call(following):
            following = self.next_after.pop(following, None)


def _call(place: Place) -> bool:
    """Let somebody go; tell whether they were still waiting."""
    if place.done():
        return False
    place.set_result(None)
    return True
