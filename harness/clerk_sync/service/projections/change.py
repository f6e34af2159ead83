"""The shape of a projection: a change goes in, what became of it comes out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.states import Event

__all__ = ["Change", "Projection"]


@dataclass(frozen=True, slots=True)
class Change:
    """One event on its way into the local records.

    Attributes:
        connection: In the transaction that holds the lock of the record.
        clerk: For the cases that the event alone cannot decide.
        svix_id: The webhook.
        clerk_id: The record that it is about.
        data: What Clerk says of the record.
    """

    connection: AsyncConnection
    clerk: ClerkApi
    svix_id: str
    clerk_id: str
    data: dict[str, Any]


Projection: TypeAlias = Callable[[Change], Awaitable[Event]]
"""Writes the change; returns ``Event.APPLY``, or ``Event.FIND_STALE`` when it changes nothing."""
