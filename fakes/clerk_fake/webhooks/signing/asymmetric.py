"""``v1a`` signatures: ed25519, so receivers need to know nothing that can sign."""

import base64
from typing import Final

from clerk_fake.webhooks.signing.serialization import decoded, encoded

__all__ = ["PAIR_PREFIX", "PUBLIC_PREFIX", "SigningPair"]

PAIR_PREFIX: Final = "whsk_"
PUBLIC_PREFIX: Final = "whpk_"
SEED_BYTES: Final = 32
PAIR_BYTES: Final = 64


class SigningPair:
    """A ``whsk_`` key pair, ready to sign.

    Args:
        text: ``whsk_`` and the base64 of 64 bytes: ed25519's seed, then its public key.

    Raises:
        ValueError: The text is no such pair; the message says how one looks.
    """

    def __init__(self, text: str) -> None:
        # Heavy, and few endpoints have such a key.
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

        pair = decoded(PAIR_PREFIX, text)
        if len(pair) != PAIR_BYTES:
            raise ValueError(
                f"the key pair must have {PAIR_BYTES} bytes: the {SEED_BYTES} of the secret key, "
                "then those of the public key"
            )
        private = ed25519.Ed25519PrivateKey.from_private_bytes(pair[:SEED_BYTES])
        public = private.public_key().public_bytes_raw()
        if public != pair[SEED_BYTES:]:
            raise ValueError("the public key in the pair is not the secret key's own")
        self.text = text
        self._private = private
        self._public = public

    @classmethod
    def of_seed(cls, seed: bytes) -> "SigningPair":
        """Build the pair that ed25519 derives from 32 bytes."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - as above

        private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        return cls(encoded(PAIR_PREFIX, seed + private.public_key().public_bytes_raw()))

    @property
    def public_text(self) -> str:
        """What a receiver verifies with: ``whpk_…``."""
        return encoded(PUBLIC_PREFIX, self._public)

    def sign(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """Return the ``v1a,…`` signature of a message."""
        signature = self._private.sign(f"{message_id}.{timestamp_s}.".encode() + body)
        return "v1a," + base64.b64encode(signature).decode()
