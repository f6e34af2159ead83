"""What the operations on e-mail addresses and phone numbers take."""

from dataclasses import dataclass

from clerk_fake.model.identifications.entity import Standing

__all__ = [
    "CodeForm",
    "EmailAddressChange",
    "EmailAddressDraft",
    "EmailAddressReplacement",
    "PhoneNumberChange",
    "PhoneNumberDraft",
    "PhoneNumberReplacement",
]


@dataclass(frozen=True, slots=True)
class EmailAddressDraft:
    """``POST /v1/email_addresses``."""

    user_id: str
    email_address: str
    verified: bool = False
    primary: bool = False
    notify_primary_email_address_changed: bool = False


@dataclass(frozen=True, slots=True)
class PhoneNumberDraft:
    """``POST /v1/phone_numbers``."""

    user_id: str
    phone_number: str
    verified: bool = False
    primary: bool = False
    reserved_for_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class EmailAddressChange:
    """``PATCH /v1/email_addresses/{email_address_id}``."""

    verified: bool | None = None
    primary: bool | None = None
    notify_primary_email_address_changed: bool = False


@dataclass(frozen=True, slots=True)
class PhoneNumberChange:
    """``PATCH /v1/phone_numbers/{phone_number_id}``."""

    verified: bool | None = None
    primary: bool | None = None
    reserved_for_second_factor: bool | None = None


@dataclass(frozen=True, slots=True)
class EmailAddressReplacement:
    """``PUT /v1/users/{user_id}/email_address``."""

    email_address: str
    identification_status: Standing = Standing.VERIFIED
    notify_primary_email_address_changed: bool = False


@dataclass(frozen=True, slots=True)
class PhoneNumberReplacement:
    """``PUT /v1/users/{user_id}/phone_number``."""

    phone_number: str
    identification_status: Standing = Standing.VERIFIED


@dataclass(frozen=True, slots=True)
class CodeForm:
    """``POST …/attempt_verification``."""

    verification_id: str
    code: str
