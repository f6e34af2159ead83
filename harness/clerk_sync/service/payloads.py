"""Reads Clerk's JSON into our own types; names the field when it breaks the model.

Missing and null optional fields are the normal case and mean "none".
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from clerk_sync.errors import PayloadError
from clerk_sync.store.users import Email, UserProfile

__all__ = ["ClerkEvent", "read_event", "read_id", "read_session_owner", "read_user_profile"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClerkEvent:
    """The envelope of a webhook."""

    type: str
    data: dict[str, Any]


def read_event(payload: str) -> ClerkEvent:
    """Read the body of a delivery that passed the gate."""
    document = orjson.loads(payload)
    return ClerkEvent(type=document["type"], data=document["data"])


def read_id(data: dict[str, Any]) -> str:
    """Return the id of the record that the event is about.

    Raises:
        PayloadError: It has none that Postgres could hold.
    """
    return _required(_text(data, "id"), "data.id")


def read_session_owner(data: dict[str, Any]) -> str | None:
    """Return the Clerk id of the user whose session it is."""
    return _text(data, "user_id")


def read_user_profile(data: dict[str, Any]) -> UserProfile:
    """Read a user, from an event or from the Backend API.

    Raises:
        PayloadError: The id or the version is missing, or a field has another type than Clerk's.
    """
    return UserProfile(
        clerk_id=read_id(data),
        emails=_emails(data),
        first_name=_text(data, "first_name"),
        last_name=_text(data, "last_name"),
        username=_text(data, "username"),
        image_url=_text(data, "image_url"),
        external_id=_text(data, "external_id"),
        public_metadata=_object(data, "public_metadata"),
        private_metadata=_object(data, "private_metadata"),
        unsafe_metadata=_object(data, "unsafe_metadata"),
        banned=_optional(data, "banned", bool) or False,
        locked=_optional(data, "locked", bool) or False,
        last_sign_in_at=_milliseconds(data, "last_sign_in_at"),
        clerk_created_at=_milliseconds(data, "created_at"),
        clerk_updated_at=_required(_milliseconds(data, "updated_at"), "data.updated_at"),
    )


def _emails(data: dict[str, Any]) -> tuple[Email, ...]:
    primary = _text(data, "primary_email_address_id")
    entries = _optional(data, "email_addresses", list) or []
    emails = []
    for position, entry in enumerate(entries):
        where = f"email_addresses[{position}]"
        if not isinstance(entry, dict):
            raise PayloadError(f"data.{where}", "is not an object")
        address = _text(entry, "email_address", f"data.{where}.")
        verification = entry.get("verification")
        emails.append(
            Email(
                email_address=_required(address, f"data.{where}.email_address"),
                verified=isinstance(verification, dict)
                and verification.get("status") == "verified",
                primary=primary is not None and entry.get("id") == primary,
            )
        )
    return tuple(emails)


def _optional(data: dict[str, Any], name: str, kind: type[T], prefix: str = "data.") -> T | None:
    value = data.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise PayloadError(f"{prefix}{name}", f"is not of type {kind.__name__}")


def _text(data: dict[str, Any], name: str, prefix: str = "data.") -> str | None:
    value = _optional(data, name, str, prefix)
    if value is not None and "\x00" in value:
        raise PayloadError(
            f"{prefix}{name}", "contains a NUL character, which Postgres cannot hold"
        )
    return value


def _object(data: dict[str, Any], name: str) -> dict[str, Any]:
    return _optional(data, name, dict) or {}


def _milliseconds(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if isinstance(value, bool) or not (value is None or isinstance(value, int)):
        raise PayloadError(f"data.{name}", "is not a time in unix milliseconds")
    if value is not None and not 0 <= value < 2**63:
        raise PayloadError(f"data.{name}", "is not a time in unix milliseconds")
    return value


def _required(value: T | None, field: str) -> T:
    if value is None or value == "":
        raise PayloadError(field, "is missing")
    return value
