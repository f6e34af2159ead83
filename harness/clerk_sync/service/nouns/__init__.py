"""The kinds of records that are synced.

To sync a further one: a module with a ``Noun``, one line in ``NOUNS``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from clerk_sync.service.fields import Fields
from clerk_sync.service.nouns.invitations import INVITATIONS
from clerk_sync.service.nouns.memberships import MEMBERSHIPS
from clerk_sync.service.nouns.noun import Burial, Noun, Write
from clerk_sync.service.nouns.organizations import ORGANIZATIONS
from clerk_sync.service.nouns.roles import ROLES
from clerk_sync.service.nouns.sessions import CLOSED_SESSIONS
from clerk_sync.service.nouns.users import USERS

__all__ = ["NOUNS", "AnyNoun", "Burial", "Noun", "Write", "noun_of", "record_within"]

AnyNoun: TypeAlias = Noun[Any, Any]

NOUNS: Final[tuple[AnyNoun, ...]] = (
    USERS,
    ORGANIZATIONS,
    ROLES,
    MEMBERSHIPS,
    INVITATIONS,
    CLOSED_SESSIONS,
)
"""In the order in which they are written."""

_BY_EVENT_TYPE: Final[Mapping[str, AnyNoun]] = MappingProxyType(
    {event_type: noun for noun in NOUNS for event_type in noun.carried_by | noun.deleted_by}
)


def noun_of(event_type: str) -> AnyNoun | None:
    """Return what events of this type are about; ``None``: nothing that is synced."""
    return _BY_EVENT_TYPE.get(event_type)


def record_within(noun: AnyNoun, event_type: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the record that an event's data is, or holds.

    Returns:
        ``None``: it should hold one, and does not.

    Raises:
        PayloadError: What it holds is no record.
    """
    place = noun.within.get(event_type)
    return data if place is None else Fields(data).object(place) or None
