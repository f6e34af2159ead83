"""Clerk's ids: a prefix that names the kind, and 27 base62 characters."""

import random
import string
from typing import Final

__all__ = ["Ids"]

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH: Final = 27


class Ids:
    """Makes ids; the same seed makes the same ids in the same order.

    Args:
        seed: ``None`` for ids that never repeat.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - names, not secrets; must be seedable

    def new(self, prefix: str) -> str:
        """Return e.g. ``user_2g7np7Hrk0SN6kj5EDMLDaKNL0S`` for the prefix ``user``."""
        return f"{prefix}_{''.join(self._random.choices(ALPHABET, k=LENGTH))}"

    def text(self, alphabet: str, length: int) -> str:
        """Return ``length`` characters of ``alphabet``, for slugs and nonces."""
        return "".join(self._random.choices(alphabet, k=length))
