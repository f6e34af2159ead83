"""One attempt on its way, and the seam at which it can be disturbed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from clerk_fake.errors import ClerkFakeError
from clerk_fake.events.log import Event
from clerk_fake.frozen import quickly_frozen
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.sender import Answer, Manner
from clerk_fake.webhooks.signing import SigningKey, signed_headers

__all__ = ["Post", "PostponedError", "Seam", "Shipment", "VanishedError"]


@quickly_frozen
class Shipment:
    """An attempt that is ready to be sent.

    Attributes:
        event: The message.
        endpoint: Where it goes.
        number: Which attempt of this message at this endpoint, from 1.
        by_hand: Whether somebody asked for it, rather than the schedule.
        headers: Signed, the endpoint's own ones among them.
        body: The exact bytes that were signed.
        timeout_s: How long the receiver may take, in real seconds.
        manner: How the body is sent; ``None``: all of it at once.
    """

    event: Event
    endpoint: Endpoint
    number: int
    by_hand: bool
    headers: Mapping[str, str]
    body: bytes
    timeout_s: float
    manner: Manner | None = None

    def signed(self, keys: Sequence[SigningKey], at_s: int) -> "Shipment":
        """Return the same shipment, signed with these keys at this time (Unix seconds)."""
        signed = signed_headers(
            keys, self.event.id, at_s, self.body, names=self.endpoint.header_names
        )
        return replace(self, headers={**self.headers, **signed})


Post: TypeAlias = Callable[[Shipment], Awaitable[Answer]]
"""Sends a shipment and returns what the receiver answered; raises ``DeliveryError``."""


class Seam(Protocol):
    """Whoever stands between the dispatcher and the wire."""

    async def ship(self, shipment: Shipment, post: Post) -> Answer:
        """Send ``shipment``: as it is, changed, several times, or not at all.

        Returns:
            What is recorded as the receiver's answer.

        Raises:
            DeliveryError: Recorded as a failed attempt.
            PostponedError: Not now; nothing is recorded.
            VanishedError: Never; nothing is recorded.
        """


class PostponedError(ClerkFakeError):
    """The attempt is not made now.

    Attributes:
        due_at: When it is its turn again, on the instance's clock, ms.
    """

    def __init__(self, due_at: int) -> None:
        super().__init__(f"postponed until {due_at}")
        self.due_at = due_at


class VanishedError(ClerkFakeError):
    """The message is lost on its way to one endpoint, and nobody noticed."""
