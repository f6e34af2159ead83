"""Tell "leave it as it is" from "set it to null"."""

from dataclasses import fields, replace
from enum import Enum
from typing import Any, Final, Literal, TypeVar, cast

__all__ = ["UNSET", "Unset", "applied", "given"]

T = TypeVar("T")


class Unset(Enum):
    """The type of ``UNSET``."""

    UNSET = "unset"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""The value of a field that a request did not mention."""


def given(value: T | Unset, otherwise: T) -> T:
    """Return ``value`` unless it is unset."""
    return otherwise if isinstance(value, Unset) else value


def applied(entity: T, change: object) -> T:
    """Return ``entity`` with everything that ``change`` has set under the names of the entity."""
    known = {each.name for each in fields(entity)}  # type: ignore[arg-type]  # entities are dataclasses
    given = {
        each.name: value
        for each in fields(change)  # type: ignore[arg-type]  # and so are forms
        if each.name in known and not isinstance(value := getattr(change, each.name), Unset)
    }
    return cast("T", replace(cast("Any", entity), **given))
