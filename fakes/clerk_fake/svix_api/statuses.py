"""How a message stands, in Svix' numbers."""

from typing import Final

from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState

__all__ = ["CLASSES", "STATUSES", "attempt_status", "class_of", "delivery_status", "states_of"]

SUCCESS: Final = 0
PENDING: Final = 1
FAIL: Final = 2
SENDING: Final = 3

STATUSES: Final = ("success", "pending", "fail", "sending", "canceled")
"""The words for the numbers. Nothing is ever canceled in the fake."""

CLASSES: Final = (0, 100, 200, 300, 400, 500)
"""Classes of HTTP statuses; 0 when no answer came."""


def attempt_status(attempt: Attempt) -> int:
    """Return whether an attempt succeeded: 0 for yes, 2 for no."""
    return SUCCESS if attempt.succeeded else FAIL


def delivery_status(delivery: Delivery) -> int:
    """Return how a message stands at an endpoint: 3 when it failed and will be tried again."""
    if delivery.state is DeliveryState.DELIVERED:
        return SUCCESS
    if delivery.state is DeliveryState.EXHAUSTED:
        return FAIL
    return SENDING if delivery.attempts else PENDING


def class_of(attempt: Attempt) -> int:
    """Return the class of what was answered to an attempt."""
    return 0 if attempt.status is None else attempt.status // 100 * 100


def states_of(status: int | None) -> frozenset[DeliveryState]:
    """Return how deliveries stand that have been tried and have this number; all for ``None``."""
    if status is None:
        return frozenset(DeliveryState)
    meant = {
        SUCCESS: DeliveryState.DELIVERED,
        FAIL: DeliveryState.EXHAUSTED,
        SENDING: DeliveryState.PENDING,
    }
    return frozenset({meant[status]} if status in meant else ())
