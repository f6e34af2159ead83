"""A user, as an instance remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import EmailAddress, PhoneNumber
from clerk_fake.model.passwords import Password
from clerk_fake.state import Noun

__all__ = ["USERS", "User", "require_user"]


@dataclass(frozen=True, slots=True)
class User:
    """A user; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        locked_until: When a lock ends; ``None`` when the user is not locked.
        password: The digest, never the password; ``None`` without one.
        password_updated_at: When the password was last set.
        image_id: The profile image, one of ``IMAGES``.
    """

    id: str
    created_at: int
    updated_at: int
    external_id: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    email_addresses: tuple[EmailAddress, ...] = ()
    phone_numbers: tuple[PhoneNumber, ...] = ()
    primary_email_address_id: str | None = None
    primary_phone_number_id: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    unsafe_metadata: JsonObject = field(default_factory=dict)
    password: Password | None = None
    password_updated_at: int | None = None
    banned: bool = False
    locked_until: int | None = None
    last_sign_in_at: int | None = None
    last_active_at: int | None = None
    legal_accepted_at: int | None = None
    delete_self_enabled: bool = True
    create_organization_enabled: bool = True
    create_organizations_limit: int | None = None
    bypass_client_trust: bool = False
    image_id: str | None = None

    def locked_at(self, now_ms: int) -> bool:
        """Tell whether the user is locked at this time."""
        return self.locked_until is not None and self.locked_until > now_ms


def _email_addresses(user: User) -> Iterator[str]:
    return (email.email_address for email in user.email_addresses)


def _email_address_ids(user: User) -> Iterator[str]:
    return (email.id for email in user.email_addresses)


def _phone_numbers(user: User) -> Iterator[str]:
    return (phone.phone_number for phone in user.phone_numbers)


def _username(user: User) -> tuple[str, ...]:
    return () if user.username is None else (user.username.lower(),)


def _external_id(user: User) -> tuple[str, ...]:
    return () if user.external_id is None else (user.external_id,)


USERS: Final = Noun(
    "users",
    User,
    {
        "email_address": _email_addresses,
        "email_address_id": _email_address_ids,
        "phone_number": _phone_numbers,
        "username": _username,
        "external_id": _external_id,
    },
)


def require_user(instance: Instance, user_id: str) -> User:
    """Return the user with this id.

    Raises:
        ApiError: 404, there is none.
    """
    user = instance.state.of(USERS).get(user_id)
    if user is None:
        raise ApiError.not_found("user", user_id)
    return user
