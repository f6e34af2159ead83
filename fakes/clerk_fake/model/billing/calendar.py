"""Billing periods on the calendar: a month after the 31st is the last day of a shorter month."""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Final

from clerk_fake.model.billing.prices import BillingPeriod

__all__ = ["DAY_MS", "month_of", "period_after", "rfc3339"]

DAY_MS: Final = 24 * 60 * 60 * 1000
MONTHS: Final = {BillingPeriod.MONTH: 1, BillingPeriod.ANNUAL: 12}
DECEMBER: Final = 12


def period_after(start_ms: int, period: BillingPeriod) -> int:
    """Return the end, Unix ms, of the period that starts at ``start_ms``."""
    start = datetime.fromtimestamp(start_ms / 1000, UTC)
    months = start.year * DECEMBER + start.month - 1 + MONTHS[period]
    year, month = divmod(months, DECEMBER)
    day = min(start.day, monthrange(year, month + 1)[1])
    return round(start.replace(year=year, month=month + 1, day=day).timestamp() * 1000)


def month_of(time_ms: int) -> str:
    """Return the month of a time, e.g. ``2026-11``."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m")


def rfc3339(time_ms: int) -> str:
    """Return a time as RFC 3339 writes it, in UTC, e.g. ``2026-11-24T15:00:00.000Z``."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
