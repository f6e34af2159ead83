"""Secrets that Clerk gives out: keys and opaque tokens, and how their holder is found."""

import hmac
from hashlib import blake2b, sha256
from typing import Final, Protocol, TypeVar

from clerk_fake.ids import base62
from clerk_fake.instance import Instance
from clerk_fake.state import Entity, Table

__all__ = ["Holder", "find_by_secret", "new_secret", "same_secret", "secret_digest"]

H = TypeVar("H", bound="Holder")

LENGTH: Final = 43
"""Characters of a secret, some 256 bits."""


class Holder(Entity, Protocol):
    """What has a secret, and the look-up ``secret`` by ``secret_digest``."""

    @property
    def secret(self) -> str:
        """The secret."""


def new_secret(instance: Instance, prefix: str, *, length: int = LENGTH) -> str:
    """Return ``prefix`` and ``length`` (at most 64) random characters.

    A seeded instance makes the same secrets again when it has the same secret key again. The seed
    alone is not enough: two instances of one server may share it, but no secret may open both.
    """
    drawn = instance.ids.text("0123456789abcdef", 64)
    key = sha256(instance.identity.secret_key.encode()).digest()
    return prefix + base62(blake2b(drawn.encode(), key=key, digest_size=length).digest())


def secret_digest(secret: str) -> str:
    """Return the key under which the holder of a secret is looked up; it tells nothing of it."""
    return sha256(secret.encode()).hexdigest()


def same_secret(owned: str, shown: str) -> bool:
    """Tell whether two secrets are the same; takes the same time for near misses."""
    return hmac.compare_digest(owned.encode(), shown.encode())


def find_by_secret(table: Table[H], secret: str) -> H | None:
    """Return who has this secret, by the look-up ``secret`` of the noun."""
    holders = table.find("secret", secret_digest(secret))
    return next((holder for holder in holders if same_secret(holder.secret, secret)), None)
