"""Reads Clerk's JSON into our own types; names the field when it breaks the model.

Missing and null optional fields are the normal case and mean "none".
"""

from dataclasses import dataclass
from typing import Any

import orjson

from clerk_sync.service.fields import Fields
from clerk_sync.store.sessions import ClosedSession
from clerk_sync.store.users import Email, UserProfile

__all__ = ["ClerkEvent", "read_closed_session", "read_event", "read_id", "read_user_profile"]


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
        PayloadError: It has none that Postgres could hold and find.
    """
    return Fields(data).required_key("id")


def read_closed_session(data: dict[str, Any]) -> ClosedSession:
    """Read the end of a session.

    Raises:
        PayloadError: The id is missing, or the user's is no text.
    """
    session = Fields(data)
    status = session.raw("status")
    return ClosedSession(
        clerk_id=read_id(data),
        user_id=session.key("user_id"),
        status=status if isinstance(status, str) and "\x00" not in status else "closed",
    )


def read_user_profile(data: dict[str, Any]) -> UserProfile:
    """Read a user, from an event or from the Backend API.

    Raises:
        PayloadError: The id or the version is missing, or a field has another type than Clerk's.
    """
    user = Fields(data)
    return UserProfile(
        clerk_id=read_id(data),
        emails=_emails(user),
        first_name=user.text("first_name"),
        last_name=user.text("last_name"),
        username=user.text("username"),
        image_url=user.text("image_url"),
        external_id=user.text("external_id"),
        public_metadata=user.object("public_metadata"),
        private_metadata=user.object("private_metadata"),
        unsafe_metadata=user.object("unsafe_metadata"),
        banned=user.flag("banned"),
        locked=user.flag("locked"),
        last_sign_in_at=user.milliseconds("last_sign_in_at"),
        clerk_created_at=user.milliseconds("created_at"),
        clerk_updated_at=user.required_milliseconds("updated_at"),
    )


def _emails(user: Fields) -> tuple[Email, ...]:
    primary = user.text("primary_email_address_id")
    emails = []
    verified = set()
    for entry in user.each("email_addresses"):
        email = Email(
            email_address=entry.required_key("email_address"),
            verified=entry.inside("verification").raw("status") == "verified",
            primary=primary is not None and entry.raw("id") == primary,
        )
        # A second time it is no news, and nobody can hold one address twice.
        if email.verified and email.email_address.lower() in verified:
            continue
        if email.verified:
            verified.add(email.email_address.lower())
        emails.append(email)
    return tuple(emails)
