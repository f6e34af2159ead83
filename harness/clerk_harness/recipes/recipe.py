"""A recipe: how one event comes about."""

from collections.abc import Callable
from dataclasses import dataclass

from clerk_harness.recipes.kitchen import Kitchen, Step

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an event of one type comes about.

    Attributes:
        event_type: Such as ``user.created``.
        summary: What really happens, in one line.
        prepare: Makes what must be there before, and returns the step that tells of the event.
    """

    event_type: str
    summary: str
    prepare: Callable[[Kitchen], Step]
