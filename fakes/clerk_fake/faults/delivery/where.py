"""Which deliveries a fault strikes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from clerk_fake.faults.delivery.pattern import TypePattern
from clerk_fake.faults.draws import Draws
from clerk_fake.jsontypes import Length

__all__ = ["Where"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Draws):
    """What is said about the deliveries when a fault is set.

    Attributes:
        event_types: Patterns (``TypePattern``); none for all types.
        endpoint_id: ``None`` for all endpoints.
    """

    event_types: Annotated[tuple[str, ...], Length(0, 100)] = ()
    endpoint_id: str | None = None

    def types(self) -> Callable[[str], bool]:
        """Return what tells whether an event type is meant.

        Raises:
            ApiError: 422, one of the patterns is none.
        """
        patterns = tuple(map(TypePattern, self.event_types))
        return lambda event_type: not patterns or any(each.covers(event_type) for each in patterns)
