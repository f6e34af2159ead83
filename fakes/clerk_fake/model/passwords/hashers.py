"""What a hasher is, and how its digests are read."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Hasher", "Matcher", "Reader", "from_base64", "from_hex", "hasher", "same"]

Matcher: TypeAlias = Callable[[bytes], bool]
"""Tells whether a password (UTF-8) is the one of the digest."""

Reader: TypeAlias = Callable[["re.Match[str]"], Matcher | None]
"""Makes a matcher of the parts of a digest; ``None`` when they are out of range."""


@dataclass(frozen=True, slots=True)
class Hasher:
    """A kind of digest.

    Attributes:
        form: What its digests look like, for people.
        read: Returns the matcher of a digest, ``None`` for a malformed one; computes nothing yet.
    """

    form: str
    read: Callable[[str], Matcher | None]


def hasher(form: str, pattern: str, reader: Reader) -> Hasher:
    """Return a hasher whose digests match ``pattern`` as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def read(digest: str) -> Matcher | None:
        found = compiled.fullmatch(digest)
        if found is None:
            return None
        try:
            return reader(found)
        except (binascii.Error, ValueError):
            return None

    return Hasher(form, read)


def same(expected: bytes, made: Callable[[bytes], bytes]) -> Matcher:
    """Return a matcher that compares in constant time."""
    return lambda password: hmac.compare_digest(expected, made(password))


def from_base64(text: str) -> bytes:
    """Decode base64, padded or not.

    Raises:
        ValueError: It is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def from_hex(text: str) -> bytes:
    """Decode hexadecimal digits in either case.

    Raises:
        ValueError: They are none.
    """
    return bytes.fromhex(text)
