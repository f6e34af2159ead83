"""Identifications as Clerk writes them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.entity import (
    EmailAddress,
    Identification,
    PhoneNumber,
    Web3Wallet,
)

__all__ = [
    "Link",
    "email_address_resource",
    "identification_resource",
    "phone_number_resource",
    "verification_resource",
    "web3_wallet_resource",
]

OBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "admin": "verification_admin",
        "email_code": "verification_otp",
        "email_link": "verification_email_link",
        "google_one_tap": "verification_google_one_tap",
        "passkey": "verification_passkey",
        "phone_code": "verification_otp",
        "reset_password_email_code": "verification_otp",
        "saml": "verification_saml",
        "scim": "verification_scim",
        "ticket": "verification_ticket",
    }
)
"""Strategy → the ``object`` of such a verification; see also ``PREFIXES``."""

PREFIXES: Final = (
    ("from_oauth_", "verification_from_oauth"),
    ("oauth_", "verification_oauth"),
    ("web3_", "verification_web3"),
)
LINK_TYPE: Final = re.compile(r"oauth_[a-z]+")


@dataclass(frozen=True, slots=True)
class Link:
    """Says that an address came with a connected account.

    Attributes:
        type: E.g. ``oauth_google``.
        id: The identification of the account.
        identifier: The address.
    """

    type: str
    id: str
    identifier: str


def verification_resource(strategy: str, status: str = "verified") -> JsonObject:
    """Return a verification as Clerk writes it; its ``object`` follows from the strategy."""
    by_prefix = (kind for prefix, kind in PREFIXES if strategy.startswith(prefix))
    return {
        "object": OBJECTS.get(strategy) or next(by_prefix, "verification_admin"),
        "status": status,
        "strategy": strategy,
        "attempts": None,
        "expire_at": None,
    }


def email_address_resource(email: EmailAddress, links: Iterable[Link] = ()) -> JsonObject:
    """Return the address as Clerk writes it."""
    return {
        "id": email.id,
        "object": "email_address",
        "email_address": email.email_address,
        "reserved": _reserved(email),
        "verification": _verification(email),
        "linked_to": [
            {"type": link.type, "id": link.id}
            for link in links
            if link.identifier == email.email_address and LINK_TYPE.fullmatch(link.type)
        ],
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
        "reserved_for_second_factor": phone.reserved_for_second_factor,
        "default_second_factor": phone.default_second_factor,
        "reserved": _reserved(phone),
        "verification": _verification(phone),
        "linked_to": [],
        "backup_codes": None,
        "created_at": phone.created_at,
        "updated_at": phone.updated_at,
    }


def web3_wallet_resource(wallet: Web3Wallet) -> JsonObject:
    """Return the wallet as Clerk writes it."""
    return {
        "id": wallet.id,
        "object": "web3_wallet",
        "web3_wallet": wallet.web3_wallet,
        "verification": _verification(wallet),
        "created_at": wallet.created_at,
        "updated_at": wallet.updated_at,
    }


def identification_resource(
    identification: Identification, links: Iterable[Link] = ()
) -> JsonObject:
    """Return an identification of any kind as Clerk writes it."""
    if isinstance(identification, EmailAddress):
        return email_address_resource(identification, links)
    if isinstance(identification, PhoneNumber):
        return phone_number_resource(identification)
    return web3_wallet_resource(identification)


def _reserved(identification: Identification) -> bool:
    return identification.claimed and not identification.verified


def _verification(identification: Identification) -> JsonObject | None:
    if not identification.verified:
        return None
    return verification_resource(identification.verified_by)
