"""Organizations as Clerk holds them, and who belongs to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from clerk_harness.clerk.users import ClerkUser
from clerk_harness.clerk.wire import Wire

__all__ = ["ClerkMembership", "ClerkOrganization", "Organizations"]

_PAGE = 500


@dataclass(frozen=True)
class ClerkOrganization:
    """One organization, reduced to what a local database is expected to mirror.

    Attributes:
        version: Clerk's ``updated_at`` in milliseconds; it rises with every change.
    """

    id: str
    name: str
    slug: str | None
    public_metadata: Mapping[str, Any]
    version: int

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON that the Backend API and ``organization.*`` events carry."""
        return cls(
            id=wire["id"],
            name=wire["name"],
            slug=wire.get("slug"),
            public_metadata=wire.get("public_metadata") or {},
            version=int(wire["updated_at"]),
        )


@dataclass(frozen=True)
class ClerkMembership:
    """One user in one organization.

    Attributes:
        role: Key of the role, such as ``org:member``.
        version: Clerk's ``updated_at`` in milliseconds; it rises with every change.
    """

    id: str
    organization_id: str
    user_id: str
    role: str
    version: int

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON that the Backend API and ``organizationMembership.*`` events carry."""
        return cls(
            id=wire["id"],
            organization_id=wire["organization"]["id"],
            user_id=wire["public_user_data"]["user_id"],
            role=wire["role"],
            version=int(wire["updated_at"]),
        )


class Organizations:
    """Commands on the organizations of one instance, through the Backend API.

    Every method raises :class:`ClerkRefusedError` when Clerk refuses.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, name: str, **fields: Any) -> ClerkOrganization:
        """Create an organization.

        Args:
            name: For people.
            **fields: Any other field of ``POST /v1/organizations``, e.g. ``created_by``.
        """
        made = self._wire.call("POST", "/organizations", {"name": name, **fields})
        return ClerkOrganization.from_wire(made)

    def get(self, organization: ClerkOrganization | str) -> ClerkOrganization:
        """Read one organization."""
        found = self._wire.call("GET", f"/organizations/{_id(organization)}")
        return ClerkOrganization.from_wire(found)

    def update(self, organization: ClerkOrganization | str, **fields: Any) -> ClerkOrganization:
        """Change fields of ``PATCH /v1/organizations/{id}``."""
        changed = self._wire.call("PATCH", f"/organizations/{_id(organization)}", fields)
        return ClerkOrganization.from_wire(changed)

    def delete(self, organization: ClerkOrganization | str) -> None:
        """Delete an organization with its memberships; Clerk emits a tombstone."""
        self._wire.call("DELETE", f"/organizations/{_id(organization)}")

    def add_member(
        self,
        organization: ClerkOrganization | str,
        user: ClerkUser | str,
        *,
        role: str = "org:member",
    ) -> ClerkMembership:
        """Let a user belong to an organization, in a role."""
        path = f"/organizations/{_id(organization)}/memberships"
        return ClerkMembership.from_wire(
            self._wire.call("POST", path, {"user_id": _id(user), "role": role})
        )

    def remove_member(
        self, organization: ClerkOrganization | str, user: ClerkUser | str
    ) -> ClerkMembership:
        """End a membership, and return what it was."""
        path = f"/organizations/{_id(organization)}/memberships/{_id(user)}"
        return ClerkMembership.from_wire(self._wire.call("DELETE", path))

    def members(self, organization: ClerkOrganization | str) -> Iterator[ClerkMembership]:
        """Yield all memberships of an organization, page by page."""
        path = f"/organizations/{_id(organization)}/memberships"
        offset = 0
        while True:
            page = self._wire.call("GET", path, limit=_PAGE, offset=offset)["data"]
            yield from map(ClerkMembership.from_wire, page)
            if len(page) < _PAGE:
                return
            offset += len(page)


def _id(thing: ClerkOrganization | ClerkUser | str) -> str:
    return thing if isinstance(thing, str) else thing.id
