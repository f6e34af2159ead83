"""Amounts of money, as Clerk writes them."""

import re
from types import MappingProxyType
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import JsonObject

__all__ = ["DEFAULT_CURRENCY", "check_currency", "currency_symbol", "money"]

DEFAULT_CURRENCY: Final = "USD"
CURRENCY: Final = re.compile(r"[A-Z]{3}")
SYMBOLS: Final = MappingProxyType({"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"})
CENTS: Final = 100


def money(amount: int, currency: str = DEFAULT_CURRENCY) -> JsonObject:
    """Return an amount in cents with everything that a page shows of it."""
    symbol = currency_symbol(currency)
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount), CENTS)
    return {
        "amount": amount,
        "amount_formatted": f"{sign}{symbol}{whole:,}.{cents:02}",
        "currency": currency,
        "currency_symbol": symbol,
    }


def currency_symbol(currency: str) -> str:
    """Return the symbol of a currency; its code where there is none."""
    return SYMBOLS.get(currency, currency)


def check_currency(currency: str) -> str:
    """Return the currency in capitals.

    Raises:
        ApiError: 422, it is no ISO 4217 code.
    """
    code = currency.upper()
    if not CURRENCY.fullmatch(code):
        raise ApiError.bad_format("currency", "a three-letter ISO 4217 code")
    return code
