"""``v1`` signatures: HMAC-SHA256 with a secret that both sides know."""

import binascii
import hashlib
import secrets
from typing import Final

from clerk_fake.webhooks.signing.serialization import decoded, encoded

__all__ = ["SECRET_PREFIX", "SigningSecret", "new_secret"]

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - a prefix, no secret
MIN_KEY_BYTES: Final = 24
MAX_KEY_BYTES: Final = 64
BLOCK_BYTES: Final = 64
INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class SigningSecret:
    """A ``whsec_`` secret, ready to sign.

    Args:
        text: ``whsec_`` and the base64 of 24 to 64 bytes.

    Raises:
        ValueError: The text is no such secret; the message says how one looks.
    """

    def __init__(self, text: str) -> None:
        key = decoded(SECRET_PREFIX, text)
        if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
            raise ValueError(f"the key must have {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes")
        self.text = text
        block = key.ljust(BLOCK_BYTES, b"\0")
        # The two keyed halves of HMAC (RFC 2104), copied for each message: a quarter faster than
        # copying hmac's own object, and less than half the cost of keying anew.
        self._inner = hashlib.sha256(block.translate(INNER))
        self._outer = hashlib.sha256(block.translate(OUTER))

    @classmethod
    def of_bytes(cls, key: bytes) -> "SigningSecret":
        """Build the secret whose key is ``key``."""
        return cls(encoded(SECRET_PREFIX, key))

    @property
    def public_text(self) -> str:
        """What a receiver verifies with: the secret itself."""
        return self.text

    def sign(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """Return the ``v1,…`` signature of a message."""
        inner = self._inner.copy()
        inner.update(f"{message_id}.{timestamp_s}.".encode())
        inner.update(body)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return "v1," + binascii.b2a_base64(outer.digest(), newline=False).decode()


def new_secret() -> str:
    """Return a secret that nobody had before, ``whsec_…``."""
    return SigningSecret.of_bytes(secrets.token_bytes(MIN_KEY_BYTES)).text
