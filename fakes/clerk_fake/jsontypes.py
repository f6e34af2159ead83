"""Names for what JSON can hold, and bounds for what a request may hold."""

from dataclasses import dataclass
from typing import Any, Final, NewType, TypeAlias

__all__ = ["MAX_INTEGER", "Between", "Instant", "JsonObject", "Length"]

JsonObject: TypeAlias = dict[str, Any]

MAX_INTEGER: Final = 2**53
"""Every JSON reader knows whole numbers up to here exactly."""

Instant = NewType("Instant", int)
"""An RFC 3339 time on the wire, Unix ms inside."""


@dataclass(frozen=True, slots=True)
class Between:
    """The range of a number, both ends included."""

    least: float
    most: float = MAX_INTEGER


@dataclass(frozen=True, slots=True)
class Length:
    """How long a string (characters) or a tuple (items) may be, both ends included."""

    least: int = 0
    most: int = 4096
