"""Everything comes once more, all at once."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.passage import BegunDeliveryFault, DeliveryFault, instance_of
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.jsontypes import Between

__all__ = ["ReplayStorm"]

LONGEST_H: Final = 24 * 365
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class ReplayStorm(DeliveryFault):
    """As soon as it is set, the messages of the last hours are sent again to whom they went.

    Attributes:
        hours: How far it reaches back, on the instance's clock.
    """

    kind: ClassVar[str] = "replay_storm"
    drawn: ClassVar[bool] = False
    said: ClassVar[frozenset[str] | None] = frozenset({"event_types", "endpoint_id"})

    hours: Annotated[float, Between(0, LONGEST_H)] = 24.0

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Queue all of them now; a disabled endpoint gets nothing."""
        instance, only = instance_of(onset), onset.where.endpoint_id
        meant = onset.where.types()
        since = instance.clock.now_ms() - round(self.hours * HOUR_MS)
        for event in instance.log.after(0):
            if event.timestamp < since or event.details.expunged or not meant(event.type):
                continue
            for endpoint_id in instance.deliveries.endpoints_of(event.id):
                endpoint = instance.endpoints.get(endpoint_id)
                if endpoint is None or endpoint.disabled or only not in {None, endpoint_id}:
                    continue
                instance.dispatcher.resend(event, endpoint)
                onset.tally.hit()
        onset.tally.over = True
        return self
