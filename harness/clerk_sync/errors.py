"""Everything the service raises on purpose; each message is one line: the cause, then the remedy.

``code`` is the stable machine name that the HTTP layer shows; the HTTP status of each class is
decided in one place, ``clerk_sync.api.problems``.
"""

from typing import ClassVar

__all__ = [
    "AccessRefusedError",
    "BreakerOpenError",
    "BrokerUnavailableError",
    "ClerkApiError",
    "ClerkSyncError",
    "ConfigurationError",
    "IllegalTransitionError",
    "InvalidRequestError",
    "InvalidTokenError",
    "InvalidWebhookError",
    "NotFoundError",
    "OverloadedError",
    "PayloadError",
    "PayloadTooLargeError",
    "RateLimitedError",
    "RepairBusyError",
    "StoreRejectedError",
    "StoreUnavailableError",
    "UnsupportedMediaTypeError",
    "WrongInstanceError",
]


class ClerkSyncError(Exception):
    """Base of all errors of the service.

    Args:
        cause: What went wrong.
        remedy: What to do about it; empty when there is nothing to do.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, cause: str, remedy: str = "") -> None:
        self.cause = " ".join(cause.split())
        self.remedy = " ".join(remedy.split())
        super().__init__(f"{self.cause}: {self.remedy}" if self.remedy else self.cause)


class ConfigurationError(ClerkSyncError):
    """An option is missing or cannot be used as given; the process exits with 3."""

    code = "configuration_error"


class IllegalTransitionError(ClerkSyncError):
    """The state table has no cell for this state and event: a bug, never an input."""

    code = "illegal_transition"

    def __init__(self, *, state: str, event: str) -> None:
        self.state = state
        self.event = event
        super().__init__(f"an inbox row in state {state!r} cannot {event!r}")


class InvalidWebhookError(ClerkSyncError):
    """The delivery is malformed or not signed by Clerk; sending it again will not help."""

    code = "invalid_webhook"

    def __init__(self, cause: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(cause)


class InvalidRequestError(ClerkSyncError):
    """The request is malformed; sending it again will not help.

    Attributes:
        reason: A short machine name, e.g. ``cut_body``.
    """

    code = "invalid_request"

    def __init__(self, cause: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(cause)


class UnsupportedMediaTypeError(ClerkSyncError):
    """The body is not said to be JSON."""

    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("the body is not application/json", "say so in Content-Type")


class PayloadTooLargeError(ClerkSyncError):
    """The body of a delivery is longer than the service reads."""

    code = "payload_too_large"

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the body is longer than {limit} bytes")


class PayloadError(ClerkSyncError):
    """A verified event breaks the model of what Clerk sends; no retry can mend it."""

    code = "payload_breaks_model"

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field} {problem}")

    def inside(self, place: str | None) -> "PayloadError":
        """Return the same of a record that is a field of the data, and no error of that itself."""
        if place is None or self.field == f"data.{place}":
            return self
        return PayloadError(f"data.{place}{self.field.removeprefix('data')}", self.problem)


class OverloadedError(ClerkSyncError):
    """More deliveries wait for the database than the service is willing to hold."""

    code = "overloaded"


class StoreUnavailableError(ClerkSyncError):
    """Postgres is down, slow or not migrated; the same request may work in a moment."""

    code = "store_unavailable"


class StoreRejectedError(ClerkSyncError):
    """Postgres cannot hold a value of this row; the same row will never work."""

    code = "store_rejected"


class BrokerUnavailableError(ClerkSyncError):
    """Redis is down or slow, or no worker answers through it."""

    code = "broker_unavailable"


class ClerkApiError(ClerkSyncError):
    """Clerk did not give a usable answer; the same request may work in a moment.

    Attributes:
        retry_after_s: Sooner it is of no use, in seconds; 0 when that is not known.
        passing: False when only a change of the configuration helps.
    """

    code = "clerk_unavailable"

    def __init__(
        self, cause: str, remedy: str = "", *, retry_after_s: float = 0.0, passing: bool = True
    ) -> None:
        self.retry_after_s = retry_after_s
        self.passing = passing
        super().__init__(cause, remedy)


class BreakerOpenError(ClerkApiError):
    """Clerk was not even asked: it did not answer a moment ago, or asked for a pause."""

    def __init__(self, cause: str, *, retry_after_s: float) -> None:
        super().__init__(f"Clerk is left alone for a moment ({cause})", retry_after_s=retry_after_s)


class InvalidTokenError(ClerkSyncError):
    """The session or operator token proves nothing.

    Attributes:
        reason: A short machine name, e.g. ``expired`` or ``unknown_key``.
    """

    code = "invalid_token"

    def __init__(self, cause: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(cause)


class AccessRefusedError(ClerkSyncError):
    """The token is genuine, but its user or session may no longer come in.

    Attributes:
        reason: ``user_deleted``, ``user_banned``, ``session_revoked`` or ``operator_token_unset``.
    """

    code = "access_refused"

    def __init__(self, cause: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(cause)


class RepairBusyError(ClerkSyncError):
    """Another process repairs; two would only do the same work twice."""

    code = "repair_busy"


class WrongInstanceError(ClerkSyncError):
    """Clerk knows nobody of those who live here: it is hardly the same Clerk."""

    code = "wrong_instance"


class NotFoundError(ClerkSyncError):
    """The service holds no such record.

    Attributes:
        reason: Names what was looked for, e.g. ``user_not_synced``.
    """

    code = "not_found"

    def __init__(self, cause: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(cause)


class RateLimitedError(ClerkSyncError):
    """The source sends more than it may.

    Attributes:
        name: What is limited.
        quota: How much of it is allowed in ``window_s`` seconds.
        window_s: The window in seconds.
        retry_after_s: Seconds after which it may come again.
    """

    code = "rate_limited"

    def __init__(self, *, name: str, quota: int, window_s: int, retry_after_s: int) -> None:
        self.name = name
        self.quota = quota
        self.window_s = window_s
        self.retry_after_s = retry_after_s
        super().__init__(f"more than {quota} in {window_s} s", f"come again in {retry_after_s} s")
