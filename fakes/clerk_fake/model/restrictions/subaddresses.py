"""Addresses that arrive in the same mailbox: ``ada+shop@example.com`` is ``ada@example.com``.

The separators are those that Clerk names per provider:
https://clerk.com/docs/guides/secure/restricting-access#block-email-subaddresses.
"""

import re
from typing import Final

__all__ = ["mailbox_of", "without_gmail_dots", "without_subaddress"]

SEPARATORS: Final = re.compile(r"[+=#]")
YAHOO_SEPARATORS: Final = re.compile(r"[+=#-]")
YAHOO: Final = re.compile(
    r"yahoo\.(com|[a-z]{2}|com?\.[a-z]{2})|ymail\.com|rocketmail\.com|y7mail\.com"
)
GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})


def without_subaddress(address: str) -> str:
    """Return the lower-case address of the mailbox in which ``address`` arrives."""
    local, _, domain = address.partition("@")
    separators = YAHOO_SEPARATORS if YAHOO.fullmatch(domain) else SEPARATORS
    found = separators.search(local, 1)
    return address if found is None else f"{local[: found.start()]}@{domain}"


def without_gmail_dots(address: str) -> str:
    """Return the lower-case address without the dots that Gmail ignores."""
    local, _, domain = address.partition("@")
    return f"{local.replace('.', '')}@{domain}" if domain in GMAIL else address


def mailbox_of(address: str) -> str:
    """Return the one address that stands for the mailbox, whichever rules an instance has."""
    return without_gmail_dots(without_subaddress(address))
