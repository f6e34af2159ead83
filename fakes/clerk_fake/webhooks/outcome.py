"""How one attempt ended, and what a sender that behaves like Svix makes of it.

Rules: https://docs.svix.com/retries, https://docs.svix.com/receiving/delivery-control, and the
Standard Webhooks specification for 410, 429, 502 and 504.
"""

import math
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC
from typing import Final

from clerk_fake.frozen import quickly_frozen
from clerk_fake.webhooks.attempts import SUCCESS
from clerk_fake.webhooks.sender import Answer, DeliveryError

__all__ = ["Outcome"]

GONE: Final = 410
OVERLOADED: Final = frozenset({429, 502, 504})


@quickly_frozen
class Outcome:
    """How one attempt ended.

    Attributes:
        started_at: Real Unix time in ms.
        latency_ms: How long it took, in real ms.
        status: HTTP status; ``None`` when no answer came.
        error: Why no answer came, or not all of it, ``kind: detail``; ``None`` when it came.
        timed_out: Whether the receiver took too long.
        body: The beginning of the answer's body.
        headers: Of the answer; names in lower case.
        sent: The headers that went out, where somebody at the seam has changed them.
    """

    started_at: float
    latency_ms: float
    status: int | None = None
    error: str | None = None
    timed_out: bool = False
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] | None = None

    @classmethod
    def of_answer(cls, started_at: float, answer: Answer) -> "Outcome":
        """Return how an attempt ended that was answered."""
        body = answer.body.decode("utf-8", "replace")
        return cls(
            started_at,
            answer.latency_ms,
            status=answer.status,
            body=body,
            headers=answer.headers.by_name,
        )

    @classmethod
    def of_failure(cls, started_at: float, latency_ms: float, failure: DeliveryError) -> "Outcome":
        """Return how an attempt ended that nobody answered, or not to the end.

        As at Svix, the status counts when only the rest of the answer is lost; too late is late.
        """
        timed_out = failure.kind == "timeout"
        return cls(
            started_at,
            latency_ms,
            status=None if timed_out else failure.status,
            error=str(failure),
            timed_out=timed_out,
        )

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the message; a redirect is a failure."""
        return self.status is not None and self.status in SUCCESS

    @property
    def overloaded(self) -> bool:
        """Whether the receiver needs a longer pause."""
        return self.timed_out or self.status in OVERLOADED

    @property
    def disables(self) -> bool:
        """Whether the receiver wants no message any more."""
        return self.status == GONE or self._directive == "disable"

    @property
    def aborts(self) -> bool:
        """Whether the receiver does not want this message again."""
        return self._directive == "abort-message"

    def retry_after_s(self) -> float | None:
        """Return after how many seconds the receiver asks to be tried again, if it does.

        It may say so in seconds or as an HTTP date, which is read by the real clock, as the
        receiver's is. What is neither is ignored.
        """
        asked = self.headers.get("retry-after")
        if asked is None or self.succeeded:
            return None
        try:
            seconds = float(asked)
        except ValueError:
            return _seconds_until(asked, self.started_at + self.latency_ms)
        return math.ceil(max(seconds, 0.0)) if math.isfinite(seconds) else None

    @property
    def _directive(self) -> str | None:
        said = self.headers.get("webhook-delivery")
        return None if said is None else said.strip().lower()


def _seconds_until(date: str, now_ms: float) -> float | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - hardly ever needed

    try:
        at = parsedate_to_datetime(date)
    except (ValueError, OverflowError):  # the latter from figures that fit into no date
        return None
    if at.tzinfo is None:  # "-0000": UTC, from nobody knows where
        at = at.replace(tzinfo=UTC)
    return max(at.timestamp() - now_ms / 1000, 0.0)
