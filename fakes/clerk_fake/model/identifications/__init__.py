"""What identifies a user: e-mail addresses, phone numbers, wallets and usernames."""

from clerk_fake.model.identifications.entity import (
    EmailAddress,
    Identification,
    PhoneNumber,
    Standing,
    Web3Wallet,
)
from clerk_fake.model.identifications.formats import (
    check_email_address,
    check_phone_number,
    check_username,
    check_web3_wallet,
)

__all__ = [
    "EmailAddress",
    "Identification",
    "PhoneNumber",
    "Standing",
    "Web3Wallet",
    "check_email_address",
    "check_phone_number",
    "check_username",
    "check_web3_wallet",
]
