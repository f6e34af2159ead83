"""The lists of Clerk's that together hold everything that is synced."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.nouns import NOUNS, AnyNoun
from clerk_sync.store.strays import Part

__all__ = ["Stream", "streams"]

Ask: TypeAlias = Callable[[ClerkApi, int, int], Awaitable[list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of Clerk's.

    Attributes:
        noun: What it lists.
        part: The local records that it is about.
        ask: Returns its rows, oldest first, given a limit and an offset.
    """

    noun: AnyNoun
    part: Part
    ask: Ask


def _users(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_users(limit=limit, offset=offset)


def _organizations(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_organizations(limit=limit, offset=offset)


def _roles(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_roles(limit=limit, offset=offset)


def _memberships(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_memberships(limit=limit, offset=offset)


def _invitations(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_invitations(limit=limit, offset=offset)


def _revoked(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_invitations(limit=limit, offset=offset, revoked=True)


def _to_organizations(clerk: ClerkApi, limit: int, offset: int) -> Awaitable[list[dict[str, Any]]]:
    return clerk.list_organization_invitations(limit=limit, offset=offset)


_LISTS: Final[Mapping[Part, tuple[str, Ask]]] = {
    Part.USERS: ("user", _users),
    Part.ORGANIZATIONS: ("organization", _organizations),
    Part.ROLES: ("role", _roles),
    Part.MEMBERSHIPS: ("membership", _memberships),
    Part.INVITATIONS: ("invitation", _invitations),
    Part.REVOKED_INVITATIONS: ("invitation", _revoked),
    Part.ORGANIZATION_INVITATIONS: ("invitation", _to_organizations),
}


def streams() -> tuple[Stream, ...]:
    """Return the lists of all nouns, in the order in which they are gone through."""
    nouns = {noun.name: noun for noun in NOUNS}
    return tuple(
        Stream(nouns[name], part, ask) for part, (name, ask) in _LISTS.items() if name in nouns
    )
