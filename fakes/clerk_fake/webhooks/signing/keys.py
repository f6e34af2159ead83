"""Keys of either kind, told apart by how they are written."""

from functools import lru_cache
from typing import Protocol

from clerk_fake.webhooks.signing.asymmetric import PAIR_PREFIX, PUBLIC_PREFIX, SigningPair
from clerk_fake.webhooks.signing.symmetric import SECRET_PREFIX, SigningSecret

__all__ = ["SigningKey", "signing_key"]


class SigningKey(Protocol):
    """Something that signs messages."""

    @property
    def text(self) -> str:
        """The whole key: ``whsec_…`` or ``whsk_…``."""

    @property
    def public_text(self) -> str:
        """What a receiver verifies with: ``whsec_…`` or ``whpk_…``."""

    def sign(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """Return one entry of the signature header.

        Args:
            message_id: The header's id.
            timestamp_s: When it is signed, Unix seconds.
            body: The exact bytes that are sent.
        """


@lru_cache(maxsize=4096)
def signing_key(text: str) -> SigningKey:
    """Return the key that ``text`` stands for; asked again, the same one.

    Args:
        text: ``whsec_…``, ``whsk_…``, or a symmetric key's base64 without its prefix, which
            Svix's API takes as well (the key's ``text`` has the prefix all the same).

    Raises:
        ValueError: It is no key that can sign; the message says how one looks.
    """
    if text.startswith(PAIR_PREFIX):
        return SigningPair(text)
    if text.startswith(PUBLIC_PREFIX):
        raise ValueError(
            f"{PUBLIC_PREFIX!r} is a public key, which cannot sign; "
            f"give the secret key that starts with {PAIR_PREFIX!r}"
        )
    if "_" in text:  # no letter of base64: some prefix, if only a wrong one
        return SigningSecret(text)
    return SigningSecret(SECRET_PREFIX + text)
