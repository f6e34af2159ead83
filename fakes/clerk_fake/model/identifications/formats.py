"""What identifiers look like."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["check_email_address", "check_phone_number", "check_username", "check_web3_wallet"]

EMAIL_ADDRESS: Final = re.compile(
    r"[^@\s,;:<>()\[\]\\\"]{1,64}@[^@\s,;:<>()\[\]\\\"]+\.[^@\s.,]{2,}"
)
PHONE_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
USERNAME: Final = re.compile(r"[A-Za-z0-9_-]*")
ETHEREUM_WALLET: Final = re.compile(r"0x[0-9A-Fa-f]{40}")
SOLANA_WALLET: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
EMAIL_ADDRESS_MAX: Final = 254
USERNAME_MIN: Final = 4
USERNAME_MAX: Final = 64


def check_email_address(text: str, name: str = "email_address") -> str:
    """Return the address in the form in which it is kept; ``name`` is the parameter's.

    Raises:
        ApiError: 422, it is no e-mail address.
    """
    address = text.strip().lower()
    if len(address) > EMAIL_ADDRESS_MAX or not EMAIL_ADDRESS.fullmatch(address):
        raise ApiError.bad_format(name, "a valid email address")
    return address


def check_phone_number(text: str, name: str = "phone_number") -> str:
    """Return the number in the form in which it is kept; ``name`` is the parameter's.

    Raises:
        ApiError: 422, it is no phone number.
    """
    number = re.sub(r"[\s().-]", "", text)
    if not number.isascii() or not PHONE_NUMBER.fullmatch(number):
        raise ApiError.bad_format(
            name, "a valid phone number according to E.164 international standard"
        )
    return number


def check_web3_wallet(text: str, name: str = "web3_wallet") -> str:
    """Return the address of a wallet in the form in which it is kept.

    Raises:
        ApiError: 422, it is neither an Ethereum nor a Solana address.
    """
    if ETHEREUM_WALLET.fullmatch(text):
        return text.lower()
    if SOLANA_WALLET.fullmatch(text):
        return text
    raise ApiError.bad_format(name, "a valid web3 wallet address")


def check_username(text: str) -> str:
    """Return the username.

    Raises:
        ApiError: 422, it is too short, too long, a phone number, or has characters that Clerk
            does not take.
    """
    if not USERNAME_MIN <= len(text) <= USERNAME_MAX:
        raise ApiError.of(
            422,
            "form_username_invalid_length",
            "is invalid",
            f"Username must be between {USERNAME_MIN} and {USERNAME_MAX} characters long.",
            param_name="username",
        )
    if PHONE_NUMBER.fullmatch(text):
        raise ApiError.of(
            422,
            "form_username_cannot_be_phone_number",
            "is invalid",
            "username cannot be a phone number. Please choose a different username.",
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
    if text.isdecimal():
        raise ApiError.of(
            422,
            "form_username_needs_non_number_char",
            "is invalid",
            "Username must contain at least one character that is not a number.",
            param_name="username",
        )
    return text
