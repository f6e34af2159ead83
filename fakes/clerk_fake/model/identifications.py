"""What identifies a user: e-mail addresses, phone numbers and usernames, and their rules."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import JsonObject

__all__ = [
    "EmailAddress",
    "PhoneNumber",
    "Standing",
    "check_email_address",
    "check_phone_number",
    "check_username",
    "email_address_resource",
    "phone_number_resource",
    "primary_not_verified",
]

EMAIL_ADDRESS: Final = re.compile(
    r"[^@\s,;:<>()\[\]\\\"]{1,64}@[^@\s,;:<>()\[\]\\\"]+\.[^@\s.,]{2,}"
)
PHONE_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
USERNAME: Final = re.compile(r"[A-Za-z0-9_-]*")
EMAIL_ADDRESS_MAX: Final = 254
USERNAME_MIN: Final = 4
USERNAME_MAX: Final = 64


class Standing(StrEnum):
    """How far an identification belongs to its user."""

    VERIFIED = "verified"
    RESERVED = "reserved"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An e-mail address of a user.

    Attributes:
        id: ``idn_…``.
        email_address: Lower case.
        standing: Verified and reserved ones are unique in the instance, unverified ones are not.
        created_at: ms.
        updated_at: ms.
    """

    id: str
    email_address: str
    standing: Standing
    created_at: int
    updated_at: int

    @property
    def claimed(self) -> bool:
        """Whether no other user may have it."""
        return self.standing is not Standing.UNVERIFIED


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A phone number of a user; fields as in ``EmailAddress``."""

    id: str
    phone_number: str
    standing: Standing
    created_at: int
    updated_at: int

    @property
    def claimed(self) -> bool:
        """Whether no other user may have it."""
        return self.standing is not Standing.UNVERIFIED


def email_address_resource(email: EmailAddress) -> JsonObject:
    """Return the address as Clerk writes it."""
    return {
        "id": email.id,
        "object": "email_address",
        "email_address": email.email_address,
        "reserved": email.standing is Standing.RESERVED,
        "verification": _verification(email.standing),
        "linked_to": [],
        "matches_sso_connection": False,
        "created_at": email.created_at,
        "updated_at": email.updated_at,
    }


def phone_number_resource(phone: PhoneNumber) -> JsonObject:
    """Return the number as Clerk writes it."""
    return {
        "id": phone.id,
        "object": "phone_number",
        "phone_number": phone.phone_number,
        "reserved_for_second_factor": False,
        "default_second_factor": False,
        "reserved": phone.standing is Standing.RESERVED,
        "verification": _verification(phone.standing),
        "linked_to": [],
        "backup_codes": None,
        "created_at": phone.created_at,
        "updated_at": phone.updated_at,
    }


def check_email_address(text: str, name: str = "email_address") -> str:
    """Return the address in the form in which it is kept; ``name`` is the parameter's.

    Raises:
        ApiError: 422, it is no e-mail address.
    """
    address = text.strip().lower()
    if len(address) > EMAIL_ADDRESS_MAX or not EMAIL_ADDRESS.fullmatch(address):
        raise ApiError.bad_format(name, "a valid email address")
    return address


def check_phone_number(text: str) -> str:
    """Return the number in the form in which it is kept.

    Raises:
        ApiError: 422, it is no phone number.
    """
    number = re.sub(r"[\s().-]", "", text)
    if not PHONE_NUMBER.fullmatch(number):
        raise ApiError.bad_format("phone_number", "a valid phone number in E.164 format")
    return number


def check_username(text: str) -> str:
    """Return the username.

    Raises:
        ApiError: 422, it is too short, too long or has characters that Clerk does not take.
    """
    if not USERNAME_MIN <= len(text) <= USERNAME_MAX:
        raise ApiError.of(
            422,
            "form_username_invalid_length",
            "is invalid",
            f"Username must be between {USERNAME_MIN} and {USERNAME_MAX} characters long.",
            param_name="username",
        )
    if not USERNAME.fullmatch(text):
        raise ApiError.of(
            422,
            "form_username_invalid_character",
            "is invalid",
            "Username can only contain letters, numbers and '_' or '-'.",
            param_name="username",
        )
    return text


def primary_not_verified(identification_id: str) -> ApiError:
    """Return the refusal of an unverified identification as the primary one."""
    return ApiError.of(
        422,
        "primary_identification_not_verified",
        "identification not verified",
        f"{identification_id} must be verified before it can be the primary one.",
    )


def _verification(standing: Standing) -> JsonObject | None:
    if standing is not Standing.VERIFIED:
        return None
    return {
        "object": "verification_admin",
        "status": "verified",
        "strategy": "admin",
        "attempts": None,
        "expire_at": None,
    }
