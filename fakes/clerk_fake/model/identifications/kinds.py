"""What differs between the kinds of identifications; all the rest they have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from clerk_fake.model.identifications.entity import (
    EmailAddress,
    Identification,
    PhoneNumber,
    Web3Wallet,
)
from clerk_fake.model.identifications.formats import (
    check_email_address,
    check_phone_number,
    check_web3_wallet,
)

__all__ = ["EMAIL_ADDRESSES", "KINDS", "PHONE_NUMBERS", "WEB3_WALLETS", "IdentificationKind"]


@dataclass(frozen=True, slots=True)
class IdentificationKind:
    """A kind of identification.

    Attributes:
        entity: Its class.
        param: The name of the identifier on the wire and in ``entity``; also the look-up of users
            by it.
        what: Its name in errors.
        held: The field of a user with all of this kind.
        primary: The field of a user with the id of the primary one.
        check: Returns an identifier as it is kept, or refuses it.
        code_strategy: Of a code that is sent to it; ``None`` where none can be sent.
    """

    entity: type[Identification]
    param: str
    what: str
    held: str
    primary: str
    check: Callable[[str], str]
    code_strategy: str | None = None

    def of(self, user: object) -> tuple[Identification, ...]:
        """Return those of a user."""
        return cast("tuple[Identification, ...]", getattr(user, self.held))

    def primary_id_of(self, user: object) -> str | None:
        """Return the id of a user's primary one."""
        return cast("str | None", getattr(user, self.primary))

    def build(self, identifier: str, **fields: Any) -> Identification:
        """Return a new one; ``fields`` are those of the entity."""
        return self.entity(**{self.param: identifier, **fields})


EMAIL_ADDRESSES: Final = IdentificationKind(
    entity=EmailAddress,
    param="email_address",
    what="email address",
    held="email_addresses",
    primary="primary_email_address_id",
    check=check_email_address,
    code_strategy="email_code",
)
PHONE_NUMBERS: Final = IdentificationKind(
    entity=PhoneNumber,
    param="phone_number",
    what="phone number",
    held="phone_numbers",
    primary="primary_phone_number_id",
    check=check_phone_number,
    code_strategy="phone_code",
)
WEB3_WALLETS: Final = IdentificationKind(
    entity=Web3Wallet,
    param="web3_wallet",
    what="web3 wallet",
    held="web3_wallets",
    primary="primary_web3_wallet_id",
    check=check_web3_wallet,
)
KINDS: Final = (EMAIL_ADDRESSES, PHONE_NUMBERS, WEB3_WALLETS)
