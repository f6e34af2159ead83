"""Suggestions: organizations that a user may ask to join, because of their address."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.state import Noun, Table

__all__ = [
    "SUGGESTIONS",
    "OrganizationSuggestion",
    "SuggestionStatus",
    "count_pending_suggestions",
    "forget_suggestions",
    "suggest",
]


class SuggestionStatus(StrEnum):
    """What the user did with it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    """They asked to join."""


@dataclass(frozen=True, slots=True)
class OrganizationSuggestion:
    """A suggestion; times are Unix ms.

    Attributes:
        domain_id: The domain that made it.
    """

    id: str
    organization_id: str
    domain_id: str
    user_id: str
    status: SuggestionStatus
    created_at: int
    updated_at: int


SUGGESTIONS: Final = Noun(
    "organization_suggestions",
    OrganizationSuggestion,
    {
        "organization_id": lambda suggestion: (suggestion.organization_id,),
        "domain_id": lambda suggestion: (suggestion.domain_id,),
        "user_id": lambda suggestion: (suggestion.user_id,),
    },
)


def suggest(
    instance: Instance, *, organization_id: str, domain_id: str, user_id: str
) -> OrganizationSuggestion:
    """Suggest an organization to a user; Clerk sends no event for it."""
    now = instance.clock.now_ms()
    suggestion = OrganizationSuggestion(
        id=instance.ids.new("orgsugg"),
        organization_id=organization_id,
        domain_id=domain_id,
        user_id=user_id,
        status=SuggestionStatus.PENDING,
        created_at=now,
        updated_at=now,
    )
    _table(instance).put(suggestion)
    return suggestion


def count_pending_suggestions(instance: Instance, domain_id: str) -> int:
    """Return how many suggestions of a domain nobody has answered."""
    found = _table(instance).find("domain_id", domain_id)
    return sum(suggestion.status is SuggestionStatus.PENDING for suggestion in found)


def forget_suggestions(instance: Instance, lookup: str, key: str) -> None:
    """Keep no trace of the suggestions that have ``key`` in ``lookup``."""
    table = _table(instance)
    for suggestion in table.find(lookup, key):
        table.remove(suggestion)


def _table(instance: Instance) -> Table[OrganizationSuggestion]:
    return instance.state.of(SUGGESTIONS)
