"""Signatures are those of a key that is valid no more."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar, Final

from clerk_fake.faults.delivery.passage import DeliveryFault, Passage, Proceed
from clerk_fake.faults.delivery.signature import timestamp_of
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.sender import Answer
from clerk_fake.webhooks.signing import SigningKey, SigningPair, SigningSecret, signing_key

__all__ = ["OldKey"]

KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class OldKey(DeliveryFault):
    """An attempt is signed as before a rotation that is long over.

    The key is one that the endpoint had and that has expired, if there is one; else one that it
    might have had, always the same.
    """

    kind: ClassVar[str] = "old_key"

    async def act(self, passage: Passage, proceed: Proceed) -> Answer:
        """Sign it with the old key only."""
        shipment = passage.shipment
        key = _old_key(shipment.endpoint, passage.instance.clock.now_ms())
        return await proceed(shipment.signed([key], timestamp_of(shipment)))


def _old_key(endpoint: Endpoint, now_ms: int) -> SigningKey:
    for old in endpoint.old_secrets:
        if old.expires_at <= now_ms:
            return signing_key(old.text)
    key = blake2b(endpoint.secret.encode(), key=b"before", digest_size=KEY_BYTES).digest()
    if endpoint.secret.startswith("whsk_"):
        return SigningPair.of_seed(key)
    return SigningSecret.of_bytes(key)
