"""Tell "leave it as it is" from "set it to null"."""

from enum import Enum
from typing import Final, Literal, TypeVar

__all__ = ["UNSET", "Unset", "given"]

T = TypeVar("T")


class Unset(Enum):
    """The type of ``UNSET``."""

    UNSET = "unset"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""The value of a field that a request did not mention."""


def given(value: T | Unset, otherwise: T) -> T:
    """Return ``value`` unless it is unset."""
    return otherwise if isinstance(value, Unset) else value
