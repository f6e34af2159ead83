"""E-mail addresses, phone numbers and wallets of a user; usernames are plain fields of theirs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

__all__ = [
    "EmailAddress",
    "Identification",
    "PhoneNumber",
    "Standing",
    "Web3Wallet",
]


class Standing(StrEnum):
    """How far an identification belongs to its user."""

    VERIFIED = "verified"
    RESERVED = "reserved"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identification:
    """What they have in common; times are ms.

    Attributes:
        id: ``idn_…``.
        standing: Verified and reserved ones are unique in the instance, unverified ones are not.
        verified_by: The strategy of a verified one, e.g. ``admin``, ``email_code``, ``ticket`` or
            ``from_oauth_google``.
    """

    id: str
    standing: Standing
    created_at: int
    updated_at: int
    verified_by: str = "admin"

    @property
    def claimed(self) -> bool:
        """Whether no other user may have it."""
        return self.standing is not Standing.UNVERIFIED

    @property
    def verified(self) -> bool:
        """Whether its user has shown that it is theirs."""
        return self.standing is Standing.VERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAddress(_Identification):
    """An e-mail address, in lower case."""

    email_address: str

    @property
    def identifier(self) -> str:
        """The address."""
        return self.email_address


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber(_Identification):
    """A phone number in E.164 form.

    Attributes:
        reserved_for_second_factor: Whether codes sent to it are a second factor; then it is none
            to identify oneself with.
        default_second_factor: Whether it is the one that is offered first.
    """

    phone_number: str
    reserved_for_second_factor: bool = False
    default_second_factor: bool = False

    @property
    def identifier(self) -> str:
        """The number."""
        return self.phone_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Web3Wallet(_Identification):
    """The address of a wallet."""

    web3_wallet: str

    @property
    def identifier(self) -> str:
        """The address of the wallet."""
        return self.web3_wallet


Identification: TypeAlias = EmailAddress | PhoneNumber | Web3Wallet
