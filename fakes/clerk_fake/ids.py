"""Clerk's ids: a prefix that names the kind, and 27 base62 characters."""

import os
import string
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Ids", "base62"]

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH: Final = 27
BASE62: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
DIGEST_SIZE: Final = 64
FETCHED: Final = 2048
"""How many random bytes are fetched at a time."""


def base62(raw: bytes) -> str:
    """Return one base62 character per byte."""
    return raw.translate(BASE62).decode()


class Ids:
    """Makes ids; the same seed makes the same ids in the same order.

    Args:
        seed: ``None`` for ids that never repeat.
        stream: Ids of one seed and different streams have nothing in common.
    """

    def __init__(self, seed: int | None = None, stream: str = "ids") -> None:
        self.changes: Changes | None = None
        self.stream = stream
        self._key = None if seed is None else f"{stream} {seed}".encode()[:DIGEST_SIZE]
        self._drawn = 0
        self._random = b""
        self._used = 0

    def new(self, prefix: str) -> str:
        """Return e.g. ``user_2g7np7Hrk0SN6kj5EDMLDaKNL0S`` for the prefix ``user``."""
        return f"{prefix}_{base62(self._draw(LENGTH))}"

    def new_hexadecimal(self, prefix: str) -> str:
        """Return e.g. ``mt_f7f0ba8c3b4843ce7d85fcdd5e71853e``: tokens and keys have such ids."""
        return f"{prefix}_{self._draw(16).hex()}"

    def text(self, alphabet: str, length: int) -> str:
        """Return ``length`` characters of ``alphabet``, for slugs and nonces."""
        return "".join([alphabet[byte % len(alphabet)] for byte in self._draw(length)])

    def fraction(self) -> float:
        """Return a number from 0 to 1, exclusive."""
        return int.from_bytes(self._draw(6)) / 2**48

    @property
    def drawn(self) -> int:
        """How many draws of the seed were made."""
        return self._drawn

    def resume(self, drawn: int) -> None:
        """Go on after the first ``drawn`` draws of the seed."""
        self._drawn = drawn
        if self._key is not None and self.changes is not None:
            self.changes.put("ids", self.stream, drawn)

    def _draw(self, length: int) -> bytes:
        """Return random bytes: of the system, or those that follow from seed and count."""
        if self._key is None:
            return self._draw_at_random(length)
        self._drawn += 1
        if self.changes is not None:
            self.changes.put("ids", self.stream, self._drawn)
        blocks = range(-(-length // DIGEST_SIZE))
        return b"".join(
            blake2b(b"%d %d" % (self._drawn, block), key=self._key).digest() for block in blocks
        )[:length]

    def _draw_at_random(self, length: int) -> bytes:
        """Return bytes of the system, which are fetched many at a time: each call costs."""
        begin = self._used
        self._used = end = begin + length
        if end > len(self._random):
            self._random = os.urandom(max(FETCHED, length))
            begin, self._used = 0, length
            end = length
        return self._random[begin:end]
