"""The three headers by which a receiver knows that a message is genuine."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from clerk_fake.webhooks.signing.keys import SigningKey

__all__ = ["HeaderNames", "signed_headers"]

HeaderNames: TypeAlias = Literal["svix", "webhook"]
"""Whose names the headers have: Svix's own, or those of Standard Webhooks."""

_NAMES: Final[Mapping[HeaderNames, tuple[str, str, str]]] = {
    "svix": ("svix-id", "svix-timestamp", "svix-signature"),
    "webhook": ("webhook-id", "webhook-timestamp", "webhook-signature"),
}


def signed_headers(
    keys: Sequence[SigningKey],
    message_id: str,
    timestamp_s: int,
    body: bytes,
    *,
    names: HeaderNames = "svix",
) -> dict[str, str]:
    """Return the headers that a receiver verifies.

    Args:
        keys: Each adds a signature, in this order; usually one.
        message_id: Stays the same however often the message is sent.
        timestamp_s: When it is signed, Unix seconds.
        body: The exact bytes that are sent.
        names: What the headers are called.
    """
    of_id, of_timestamp, of_signature = _NAMES[names]
    if len(keys) == 1:  # nearly always
        signatures = keys[0].sign(message_id, timestamp_s, body)
    else:
        signatures = " ".join([key.sign(message_id, timestamp_s, body) for key in keys])
    return {of_id: message_id, of_timestamp: str(timestamp_s), of_signature: signatures}
