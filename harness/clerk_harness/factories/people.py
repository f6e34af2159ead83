"""Addresses and numbers that cannot belong to anybody."""

import re
import unicodedata
from typing import Final

__all__ = ["email_of", "phone_of", "username_of"]

PER_AREA: Final = 100
"""Of each area code, +1 XXX 555 0100 to 0199 are kept free for fiction."""

AREAS: Final = tuple(code for code in range(201, 990) if code % 100 != 11 and code // 10 % 10 != 9)  # noqa: PLR2004 - N11 and N9X are no area codes


def email_of(first_name: str, last_name: str, number: int) -> str:
    """Return an address that is reserved twice over: Clerk's test address at example.com."""
    return f"{_letters(first_name)}.{_letters(last_name)}.{number}+clerk_test@example.com"


def username_of(first_name: str, last_name: str, number: int) -> str:
    """Return a username."""
    return f"{_letters(first_name)}_{_letters(last_name)}_{number}"[-64:]


def phone_of(number: int) -> str:
    """Return a fictional number of North America: 70,000 of them, then again from the first."""
    area = AREAS[number // PER_AREA % len(AREAS)]
    return f"+1{area}55501{number % PER_AREA:02}"


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", "", plain) or "someone"
