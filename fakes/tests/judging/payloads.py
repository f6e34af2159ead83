"""Webhook payloads, by Clerk's description of its events."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from judging.descriptions import described
from judging.schemas import Schemas

__all__ = ["EventJudge", "event_judge"]

EVENTS: Final = "webhooks/2025-04-15"
PENDING: Final = "pending"
"""The status of a session in Clerk's own example of ``session.pending``, which its schema lacks."""


class EventJudge:
    """Judges events.

    Args:
        description: The whole description of the webhooks, as loaded.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._schemas = Schemas(description)
        self._of_type = {
            event_type: node["post"]["requestBody"]["content"]["application/json"]["schema"]
            for event_type, node in description["x-webhooks"].items()
        }

    @property
    def event_types(self) -> frozenset[str]:
        """All that Clerk describes."""
        return frozenset(self._of_type)

    def faults(self, event: dict[str, Any]) -> Iterator[str]:
        """Yield a sentence for everything that is wrong with an event."""
        schema = self._of_type.get(event["type"])
        if schema is None:
            yield f"Clerk has no event {event['type']}"
        else:
            yield from self._schemas.faults(schema, event)


@cache
def event_judge() -> EventJudge | None:
    """Return the judge; ``None``: no description is at hand."""
    description = described(EVENTS)
    if description is None:
        return None
    statuses: list[str] = description["components"]["schemas"]["Session"]["properties"]["status"][
        "enum"
    ]
    if PENDING not in statuses:
        statuses.append(PENDING)
    return EventJudge(description)
