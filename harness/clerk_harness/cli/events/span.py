"""Spans of time as people write them: ``2h``, ``1h30m``, or a date."""

import re
from datetime import UTC, datetime
from typing import Final

from clerk_harness.errors import ConfigurationError

__all__ = ["moment_ms"]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_LONGEST_S: Final = 1000 * 365 * 24 * 3600


def moment_ms(text: str, option: str, now_ms: int) -> int:
    """Return the moment that ``text`` names, in milliseconds.

    Args:
        text: How long before ``now_ms`` (``30s``, ``2h``, ``1d12h``), or an ISO date; one without
            a zone is in UTC.
        option: Which option gave it, for the error.
        now_ms: The instance's time.

    Raises:
        ConfigurationError: It is neither.
    """
    written = text.strip().lower()
    if written and not _PART.sub("", written):
        ago_s = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(written))
        return max(now_ms - round(min(ago_s, _LONGEST_S) * 1000), 0)
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(round(moment.timestamp() * 1000), 0)
    except (ValueError, OverflowError) as malformed:
        raise ConfigurationError(
            f"{option} {text!r} is no time",
            "write how long ago, such as 30m, 2h or 1d12h, or a date such as 2026-01-31T12:00",
        ) from malformed
