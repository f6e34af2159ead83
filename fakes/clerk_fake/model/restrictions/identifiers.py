"""What can be on a list, and whom it means.

``ada@example.com`` means one address, ``*@example.com`` all of a domain, ``*@*.example.com`` all
of its subdomains. Capitals do not matter.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.model.identifications.formats import check_phone_number, check_web3_wallet
from clerk_fake.model.restrictions.subaddresses import without_subaddress

__all__ = ["IdentifierType", "ListedIdentifier", "read_identifier"]

EMAIL_ADDRESS: Final = re.compile(r"[^@\s,;]{1,64}@(\*\.)?[^@\s,;*]+\.[^@\s.,;*]{2,}")
LONGEST: Final = 254
ANYBODY: Final = "*@"
SUBDOMAINS: Final = "*@*."


class IdentifierType(StrEnum):
    """What kind of identifier it is."""

    EMAIL_ADDRESS = "email_address"
    PHONE_NUMBER = "phone_number"
    WEB3_WALLET = "web3_wallet"


@dataclass(frozen=True, slots=True)
class ListedIdentifier:
    """An identifier as it stands on a list."""

    text: str
    type: IdentifierType

    @property
    def personal(self) -> bool:
        """Whether it means one address or number, not all of a domain."""
        return not self.text.startswith(ANYBODY)

    def means(self, identifier: str) -> bool:
        """Tell whether ``identifier``, in the form in which users have it, is meant."""
        if self.text.startswith(SUBDOMAINS):
            return identifier.partition("@")[2].endswith(self.text.removeprefix(ANYBODY + "*"))
        if self.text.startswith(ANYBODY):
            return identifier.partition("@")[2] == self.text.removeprefix(ANYBODY)
        return identifier.lower() == self.text.lower()

    def means_subaddress(self, identifier: str) -> bool:
        """Tell whether ``identifier`` is the address itself or a subaddress of it."""
        return self.means(identifier) or self.means(without_subaddress(identifier))


def read_identifier(text: str) -> ListedIdentifier:
    """Return what can be put on a list.

    Raises:
        ApiError: 422, it is no address, no pattern of addresses, no number and no wallet.
    """
    text = text.strip()
    if len(text) <= LONGEST and EMAIL_ADDRESS.fullmatch(text.lower()):
        return ListedIdentifier(text.lower(), IdentifierType.EMAIL_ADDRESS)
    with suppress(ApiError):
        return ListedIdentifier(check_phone_number(text), IdentifierType.PHONE_NUMBER)
    with suppress(ApiError):
        return ListedIdentifier(check_web3_wallet(text), IdentifierType.WEB3_WALLET)
    raise ApiError.bad_format(
        "identifier",
        "either a valid email address, a valid phone number according to E.164 international "
        "standard or a valid web3 wallet",
    )
