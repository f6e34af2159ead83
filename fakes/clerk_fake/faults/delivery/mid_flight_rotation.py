"""An endpoint's secret is rotated while messages are on their way."""

import random
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.delivery.passage import (
    BegunDeliveryFault,
    DeliveryFault,
    Passage,
    Proceed,
    instance_of,
)
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between
from clerk_fake.model.endpoints import rotate_secret
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.signing import MAX_OLD_SECRETS, SigningPair, SigningSecret

__all__ = ["MidFlightRotation"]

LONGEST_GRACE_S: Final = 7 * 24 * 3600
LATEST: Final = 1_000_000
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class MidFlightRotation(DeliveryFault):
    """The secret is really rotated, once; the message in hand is still signed with the old one.

    When healed, the old one signs again, and the new one goes on for the same grace.

    Attributes:
        at: Which struck message it happens at; counted per endpoint, from 1.
        grace_s: How long the old secret signs as well, on the instance's clock; 0 for not at all.
    """

    kind: ClassVar[str] = "mid_flight_rotation"
    counts_itself: ClassVar[bool] = True

    at: Annotated[int, Between(1, LATEST)] = 1
    grace_s: Annotated[int, Between(0, LONGEST_GRACE_S)] = 24 * 3600

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Count messages from now on."""
        return _Rotating(self, instance_of(onset))


@dataclass(frozen=True, slots=True)
class _Rotating(BegunDeliveryFault):
    rotation: MidFlightRotation
    instance: Instance
    seen: dict[str, int] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        endpoint_id = passage.shipment.endpoint.id
        self.seen[endpoint_id] = self.seen.get(endpoint_id, 0) + 1
        endpoint = self.instance.endpoints.get(endpoint_id)
        if self.seen[endpoint_id] == self.rotation.at and endpoint is not None:
            self.before[endpoint_id] = endpoint.secret
            self._rotate(endpoint, _new_secret(endpoint, passage.random))
            passage.tally.fired += 1
        return await proceed(passage.shipment)

    def heal(self) -> None:
        """Rotate back, unless somebody else has rotated or deleted meanwhile."""
        for endpoint_id, secret in self.before.items():
            endpoint = self.instance.endpoints.get(endpoint_id)
            if endpoint is not None and endpoint.secret != secret:
                others = tuple(old for old in endpoint.old_secrets if old.text != secret)
                self._rotate(replace(endpoint, old_secrets=others), secret)
        self.before.clear()

    def _rotate(self, endpoint: Endpoint, new: str) -> None:
        # The oldest gives way: a fault must not fail because of what was rotated before.
        room = endpoint.old_secrets[-(MAX_OLD_SECRETS - 1) :]
        rotate_secret(
            self.instance,
            self.instance.endpoints,
            replace(endpoint, old_secrets=room),
            new,
            grace_ms=self.rotation.grace_s * 1000,
        )


def _new_secret(endpoint: Endpoint, draw: random.Random) -> str:
    key = draw.randbytes(KEY_BYTES)
    if endpoint.secret.startswith("whsk_"):
        return SigningPair.of_seed(key).text
    return SigningSecret.of_bytes(key).text
