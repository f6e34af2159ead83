"""A signed delivery, as a receiver gets it from Svix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["SignedDelivery"]


@dataclass(frozen=True)
class SignedDelivery:
    """One delivery that is made by hand, for unit tests of a receiver.

    Attributes:
        headers: ``svix-id``, ``svix-timestamp`` and ``svix-signature``.
        body: The exact bytes that were signed.
    """

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The whole envelope."""
        envelope: dict[str, Any] = orjson.loads(self.body)
        return envelope

    @property
    def type(self) -> str:
        """The event type, such as ``user.created``."""
        return str(self.event["type"])

    @property
    def data(self) -> dict[str, Any]:
        """What changed, as Clerk writes it."""
        data: dict[str, Any] = self.event["data"]
        return data
