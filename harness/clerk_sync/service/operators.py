"""Who operates the service: whoever has one of the operator tokens."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from clerk_sync.errors import InvalidTokenError

__all__ = ["Operators"]

FINGERPRINT_LENGTH: Final = 8


class Operators:
    """The operator tokens; several while one is replaced by the next.

    Args:
        tokens: None closes all operator routes.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._known = [(digest, _actor(digest)) for digest in map(_digest, tokens)]

    @property
    def exist(self) -> bool:
        """Whether there is any token."""
        return bool(self._known)

    def identify(self, token: str) -> str:
        """Return who this is in the audit log, ``operator:<fingerprint>``.

        It takes as long for a wrong token as for a right one.

        Raises:
            InvalidTokenError: Nobody.
        """
        offered = _digest(token)
        actor = None
        for digest, name in self._known:
            if hmac.compare_digest(offered, digest):
                actor = name
        if actor is None:
            raise InvalidTokenError("this is no operator's token", reason="wrong_operator_token")
        return actor


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _actor(digest: bytes) -> str:
    return f"operator:{digest.hex()[:FINGERPRINT_LENGTH]}"
