"""Svix signatures: ``v1,`` and the base64 HMAC-SHA256 of ``{id}.{timestamp}.{body}``.

Scheme: https://docs.svix.com/receiving/verifying-payloads/how-manual.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

__all__ = ["SECRET_PREFIX", "SigningSecret", "signed_headers"]

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - a prefix, no secret
MIN_KEY_BYTES: Final = 24
MAX_KEY_BYTES: Final = 64


class SigningSecret:
    """A ``whsec_`` secret, ready to sign.

    Args:
        text: ``whsec_`` and the base64 of 24 to 64 bytes.

    Raises:
        ValueError: The text is no such secret; the message says how one looks.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._key = hmac.new(_key_bytes(text), digestmod=hashlib.sha256)

    @classmethod
    def of_bytes(cls, key: bytes) -> "SigningSecret":
        """Build the secret whose key is ``key``."""
        return cls(SECRET_PREFIX + base64.b64encode(key).decode())

    def sign(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """Return the value of one entry of ``svix-signature``."""
        digest = self._key.copy()  # keyed once: half the cost of a fresh HMAC
        digest.update(f"{message_id}.{timestamp_s}.".encode())
        digest.update(body)
        return "v1," + base64.b64encode(digest.digest()).decode()


def signed_headers(
    secret: SigningSecret, message_id: str, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """Return the three headers that a receiver verifies; the timestamp is in seconds."""
    return {
        "svix-id": message_id,
        "svix-timestamp": str(timestamp_s),
        "svix-signature": secret.sign(message_id, timestamp_s, body),
    }


def _key_bytes(text: str) -> bytes:
    if not text.startswith(SECRET_PREFIX):
        raise ValueError(f"a webhook secret starts with {SECRET_PREFIX!r}")
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as malformed:
        raise ValueError(f"what follows {SECRET_PREFIX!r} must be base64") from malformed
    if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise ValueError(f"the key must have {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes")
    return key
