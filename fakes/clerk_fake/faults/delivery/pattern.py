"""Patterns of event types: ``user.created`` or ``user.*``."""

import re
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["TypePattern"]

PATTERN: Final = re.compile(r"[A-Za-z0-9_.*-]{1,256}")
MOST_STARS: Final = 5


class TypePattern:
    """``*`` stands for any characters, dots included.

    Args:
        text: The pattern; it covers whole event types.

    Raises:
        ApiError: 422, it is no pattern of an event type.
    """

    def __init__(self, text: str) -> None:
        if PATTERN.fullmatch(text) is None or text.count("*") > MOST_STARS:
            raise ApiError.bad_value(
                "event_types",
                f"event types such as user.created or user.*, of up to {MOST_STARS} *",
            )
        self._regex = re.compile(".*".join(map(re.escape, re.split(r"\*+", text))))

    def covers(self, event_type: str) -> bool:
        """Tell whether an event type is one of those that are meant."""
        return self._regex.fullmatch(event_type) is not None
