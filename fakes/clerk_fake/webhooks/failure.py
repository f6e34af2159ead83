"""Why a request got no complete answer."""

from typing import Literal, TypeAlias

from clerk_fake.errors import ClerkFakeError

__all__ = ["DeliveryError", "FailureKind", "UnansweredError"]

FailureKind: TypeAlias = Literal[
    "timeout", "dns", "forbidden", "connect", "reset", "protocol", "url", "headers"
]


class DeliveryError(ClerkFakeError):
    """A request got no complete answer.

    Attributes:
        kind: ``timeout``, ``dns``, ``forbidden`` (the guard says no), ``connect`` (no connection),
            ``reset`` (connection lost before the answer was complete), ``protocol`` (the
            answer is no HTTP), ``url`` or ``headers`` (the request cannot be written).
        detail: What happened, in words.
        sent: How many times the bytes of the request were put on a connection: 0, 1 or 2.
        status: What the receiver had answered, if only the rest of its answer is missing.
    """

    def __init__(
        self, kind: FailureKind, detail: str, *, sent: int = 0, status: int | None = None
    ) -> None:
        self.kind: FailureKind = kind
        self.detail = detail
        self.sent = sent
        self.status = status
        super().__init__(f"{kind}: {detail}")


class UnansweredError(DeliveryError):
    """No connection could be made, or it failed before the head of an answer was complete.

    Sending once more, at once, is in order: nothing says that the receiver has seen the request.
    """
