"""Times on the command line."""

from datetime import UTC, datetime

import pytest

from clerk_harness.cli.events.span import moment_ms
from clerk_harness.errors import ConfigurationError

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOW_MS - 2 * HOUR_MS),
        ("1h30m", NOW_MS - HOUR_MS * 3 // 2),
        ("1d12h", NOW_MS - 36 * HOUR_MS),
        ("0.5H", NOW_MS - HOUR_MS // 2),
        ("0s", NOW_MS),
        ("900000000w", 0),
        ("1969-01-01", 0),
        ("2023-11-14T00:00:00Z", datetime(2023, 11, 14, tzinfo=UTC).timestamp() * 1000),
        ("2023-11-14T01:00:00+01:00", datetime(2023, 11, 14, tzinfo=UTC).timestamp() * 1000),
        ("2023-11-14", datetime(2023, 11, 14, tzinfo=UTC).timestamp() * 1000),
    ],
)
def test_a_time_is_so_long_ago_or_a_date(text: str, moment: int) -> None:
    assert moment_ms(text, "--since", NOW_MS) == moment


@pytest.mark.parametrize("text", ["", " ", "2", "2 hours", "h", "-2h", "yesterday", "2023-13-01"])
def test_anything_else_says_how_it_is_written(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--since .* is no time: write how long ago"):
        moment_ms(text, "--since", NOW_MS)
