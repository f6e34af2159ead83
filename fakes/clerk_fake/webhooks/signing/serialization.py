"""How keys are written: a prefix that tells their kind, and base64."""

import base64
import binascii

__all__ = ["decoded", "encoded"]


def encoded(prefix: str, key: bytes) -> str:
    """Return ``key`` as text."""
    return prefix + base64.b64encode(key).decode()


def decoded(prefix: str, text: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        ValueError: Another prefix, or no base64. Only the one way to write a key is taken: Svix
            refuses stray bits in the last letter, which Python would overlook.
    """
    if not text.startswith(prefix):
        raise ValueError(f"a webhook secret starts with {prefix!r}")
    letters = text.removeprefix(prefix)
    try:
        key = base64.b64decode(letters)
    except (binascii.Error, ValueError) as malformed:
        raise ValueError(f"what follows {prefix!r} must be base64") from malformed
    if base64.b64encode(key).decode() != letters:
        raise ValueError(f"what follows {prefix!r} must be base64, as encoders write it")
    return key
