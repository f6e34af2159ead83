"""Everything the fake refuses, in Clerk's words.

Codes and statuses are Clerk's (https://clerk.com/docs/guides/development/errors/backend-api).
A refusal is raised anywhere below the faces and becomes a response in one place,
``http/serving.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

__all__ = ["ApiError", "ClerkFakeError", "Complaint", "StartError", "StateError"]


class ClerkFakeError(Exception):
    """Base of everything that the fake raises on purpose."""


class StartError(ClerkFakeError):
    """The server cannot start as asked.

    Attributes:
        lines: What is wrong, usually in one line; each names a cause and a remedy.
    """

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("; ".join(lines))


class StateError(ClerkFakeError):
    """The state can no longer be kept in its file; the message names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One entry of Clerk's error envelope.

    Attributes:
        code: Clerk's lower-snake code, e.g. ``form_identifier_exists``.
        message: A few words.
        long_message: The whole sentence.
        meta: What the entry is about, e.g. ``{"param_name": "email_address"}``.
    """

    code: str
    message: str
    long_message: str
    meta: Mapping[str, object] = field(default_factory=dict)


class ApiError(ClerkFakeError):
    """A request that Clerk would refuse.

    Attributes:
        status: The HTTP status, always 4xx.
        complaints: What is wrong, at least one entry.
        headers: Further headers of the answer, lower-case name and value.
    """

    def __init__(
        self, status: int, *complaints: Complaint, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.status = status
        self.complaints = complaints
        self.headers = headers
        super().__init__("; ".join(complaint.long_message for complaint in complaints))

    @classmethod
    def of(
        cls, status: int, code: str, message: str, long_message: str = "", **meta: object
    ) -> Self:
        """Build a refusal with one complaint; ``meta`` entries are put into its ``meta``."""
        return cls(status, Complaint(code, message, long_message or message, meta))

    @classmethod
    def not_found(cls, what: str, identifier: str) -> Self:
        """404: no such thing, e.g. ``not_found("user", "user_1")``."""
        return cls.of(
            404, "resource_not_found", "not found", f"No {what} was found with id {identifier}."
        )

    @classmethod
    def no_such_route(cls, method: str, path: str) -> Self:
        """404: the fake does not offer this operation (and does not pretend to)."""
        return cls.of(
            404,
            "resource_not_found",
            "not found",
            f"There is no operation {method} {path} in this fake; see its documented coverage.",
        )

    @classmethod
    def method_not_allowed(cls, method: str, path: str) -> Self:
        """405: the path exists, the method does not."""
        return cls.of(
            405, "method_not_allowed", "method not allowed", f"{path} has no {method} operation."
        )

    @classmethod
    def unauthenticated(cls) -> Self:
        """401: no instance has the secret key that was sent, or none was sent."""
        return cls.of(
            401,
            "authentication_invalid",
            "Unable to authenticate request",
            "The secret key is missing or unknown: send 'Authorization: Bearer sk_test_…' "
            "of an instance of this server.",
        )

    @classmethod
    def live_key(cls) -> Self:
        """401: a real secret key was sent; it is not repeated anywhere."""
        return cls.of(
            401,
            "authentication_invalid",
            "Live keys are not accepted",
            "A live secret key (sk_live_…) was sent to a fake Clerk, which takes test keys only. "
            "Find out why a test has a real key; if others can read what tests send, replace it.",
        )

    @classmethod
    def too_many_requests(cls, retry_after_s: int) -> Self:
        """429: a rate limit is reached; ``retry_after_s`` goes into ``Retry-After``."""
        message = "Too many requests. Please try again in a bit."
        complaint = Complaint("too_many_requests", message, message)
        return cls(429, complaint, headers={"retry-after": str(retry_after_s)})

    @classmethod
    def body_too_large(cls, limit: int) -> Self:
        """413: the body is larger than ``limit`` bytes."""
        return cls.of(
            413,
            "request_body_too_large",
            "request body too large",
            f"The request body is larger than {limit} bytes.",
        )

    @classmethod
    def bad_request(cls, long_message: str) -> Self:
        """400: the request cannot be read at all."""
        return cls.of(400, "request_body_invalid", "Request body invalid", long_message)

    @classmethod
    def missing_param(cls, name: str) -> Self:
        """422: a required parameter is absent or null."""
        return cls.of(
            422, "form_param_missing", "is missing", f"{name} must be included.", param_name=name
        )

    @classmethod
    def unknown_param(cls, name: str) -> Self:
        """422: a parameter that this operation does not have."""
        return cls.of(
            422,
            "form_param_unknown",
            "is unknown",
            f"{name} is not a valid parameter for this request.",
            param_name=name,
        )

    @classmethod
    def bad_format(cls, name: str, expected: str) -> Self:
        """422: a parameter of the wrong type or form; ``expected`` completes "must be …"."""
        return cls.of(
            422,
            "form_param_format_invalid",
            "is invalid",
            f"{name} must be {expected}.",
            param_name=name,
        )

    @classmethod
    def bad_value(cls, name: str, expected: str) -> Self:
        """422: a parameter of the right form whose value is not allowed."""
        return cls.of(
            422,
            "form_param_value_invalid",
            "is invalid",
            f"{name} must be {expected}.",
            param_name=name,
        )

    @classmethod
    def needed_with(cls, name: str, other: str) -> Self:
        """422: a parameter that another one needs is absent."""
        return cls.of(
            422,
            "form_conditional_param_missing",
            "is missing",
            f"`{name}` is required when `{other}` is present.",
            param_name=name,
        )

    @classmethod
    def not_allowed_with(cls, name: str, other: str) -> Self:
        """422: two parameters exclude each other."""
        return cls.of(
            422,
            "form_conditional_param_disallowed",
            "is not allowed",
            f"`{name}` isn't allowed when `{other}` is present.",
            param_name=name,
        )

    @classmethod
    def value_conflict(cls, name: str, other: str) -> Self:
        """422: two parameters that mean the same say different things."""
        return cls.of(
            422,
            "form_param_value_conflict",
            "conflicting values",
            f"`{name}` and `{other}` refer to the same value, "
            "so they must match when both are sent.",
            param_name=name,
        )

    @classmethod
    def duplicate_values(cls, name: str) -> Self:
        """422: a list that may hold everything only once holds something twice."""
        return cls.of(
            422,
            "form_param_duplicate",
            "duplicate values",
            f"{name} contains duplicate values",
            param_name=name,
        )

    @classmethod
    def bulk_size_exceeded(cls, most: int) -> Self:
        """400: more things in one request than the operation takes."""
        return cls.of(
            400,
            "bulk_size_exceeded",
            "bulk size exceeded",
            f"Parameters exceed the maximum allowed bulk processing size of {most}.",
        )

    @classmethod
    def identifier_exists(cls, name: str) -> Self:
        """422: an e-mail address, username, phone number or external id that is taken."""
        return cls.of(
            422,
            "form_identifier_exists",
            "already exists",
            f"That {name.replace('_', ' ')} is taken. Please try another.",
            param_name=name,
        )
