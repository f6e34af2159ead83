"""Event types as label values: a sender must not be able to invent time series."""

import re
from typing import Final

__all__ = ["OTHER", "UNVERIFIED", "TypeLabels"]

UNVERIFIED: Final = "unverified"
"""What is not signed by Clerk names its type in vain."""
OTHER: Final = "other"
MOST_TYPES: Final = 100

_PLAIN: Final = re.compile(r"[a-zA-Z]\w*(\.\w+){1,4}", re.ASCII)
LONGEST: Final = 60


class TypeLabels:
    """The first 100 verified event types by name, those after them as ``other``."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, event_type: str) -> str:
        """Return the label of a verified event type."""
        known = self._known.get(event_type)
        if known is not None:
            return known
        if (
            len(self._known) >= MOST_TYPES
            or len(event_type) > LONGEST
            or not _PLAIN.fullmatch(event_type)
        ):
            return OTHER
        return self._known.setdefault(event_type, event_type)
