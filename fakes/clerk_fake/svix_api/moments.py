"""Times as Svix writes and reads them: RFC 3339, UTC."""

from datetime import UTC, datetime
from typing import Final

from clerk_fake.http.fields import Fields
from clerk_fake.http.query import Query

__all__ = ["moment", "moment_in"]

LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999: a snapshot may say any time, a calendar cannot."""


def moment(time_ms: float) -> str:
    """Return e.g. ``2026-11-24T18:26:37.120Z``."""
    shown = datetime.fromtimestamp(min(max(time_ms, 0), LAST_MS) / 1000, UTC)
    return shown.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment_in(query: Query, name: str) -> int | None:
    """Return a time of the query as Unix ms.

    Raises:
        ApiError: 422, it is no RFC 3339 time.
    """
    written = query.text(name)
    # A "+" that was not encoded has come over the wire as a space.
    return None if written is None else Fields({name: written.replace(" ", "+")}).time(name)
