"""A Clerk of a few lines: who is in which organization, and the events that tell of it."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from clerk_model import Message

__all__ = ["CompanyModel", "Seat"]


@dataclass
class Seat:
    """A membership as Clerk holds it."""

    clerk_id: str
    organization_id: str
    user_id: str
    updated_at: int
    created_at: int
    role: str = "org:member"

    def document(self) -> dict[str, Any]:
        """Return it as events and the Backend API write it."""
        return {
            "id": self.clerk_id,
            "object": "organization_membership",
            "role": self.role,
            "permissions": [],
            "organization": {"id": self.organization_id},
            "public_user_data": {"user_id": self.user_id},
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


@dataclass
class CompanyModel:
    """Organizations, users and memberships of one Clerk.

    Attributes:
        prefix: Begins all ids.
        now: Clerk's clock, ms.
        names: Living organization → its name and version.
        seats: Living memberships by organization and user.
        gone: Users who are deleted.
        sent: Every event, in the order in which Clerk made them.
    """

    prefix: str
    now: int = 1_000_000
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    seats: dict[tuple[str, str], Seat] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    sent: list[Message] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    def organization(self, number: int) -> str:
        """Return the id of an organization, which may have been deleted."""
        return f"org_{self.prefix}_{number}"

    def user(self, number: int) -> str:
        """Return the id of a user, who may have been deleted."""
        return f"user_{self.prefix}_{number}"

    def found(self, organization: str) -> None:
        """Make an organization, once."""
        self.names[organization] = ("First", self.now)
        self._tell_of(organization, "organization.created")

    def rename(self, organization: str) -> None:
        """Give an organization another name."""
        if organization in self.names:
            _, version = self.names[organization]
            self.names[organization] = (f"Name {next(self._numbers)}", max(self.now, version + 1))
            self._tell_of(organization, "organization.updated")

    def join(self, organization: str, user: str) -> None:
        """Let a user in, or give a member the other role."""
        if organization not in self.names or user in self.gone:
            return
        seat = self.seats.get((organization, user))
        if seat is None:
            clerk_id = f"orgmem_{self.prefix}_{next(self._numbers)}"
            seat = Seat(clerk_id, organization, user, self.now, self.now)
            self.seats[organization, user] = seat
            self._send("organizationMembership.created", seat.document())
            return
        seat.role = "org:admin" if seat.role == "org:member" else "org:member"
        seat.updated_at = max(self.now, seat.updated_at + 1)
        self._send("organizationMembership.updated", seat.document())

    def leave(self, organization: str, user: str, *, quietly: bool = False) -> None:
        """Let a member go; ``quietly``: without an event of the membership."""
        seat = self.seats.pop((organization, user), None)
        if seat is not None and not quietly:
            self._send("organizationMembership.deleted", seat.document())

    def close(self, organization: str, *, quietly: bool) -> None:
        """Delete an organization."""
        if organization in self.names:
            for place in [place for place in self.seats if place[0] == organization]:
                self.leave(*place, quietly=quietly)
            del self.names[organization]
            self._send("organization.deleted", {"id": organization, "deleted": True})

    def lose(self, user: str, *, quietly: bool) -> None:
        """Delete a user."""
        if user not in self.gone:
            for place in [place for place in self.seats if place[1] == user]:
                self.leave(*place, quietly=quietly)
            self.gone.add(user)
            self._send("user.deleted", {"id": user, "deleted": True})

    def answer(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        """Answer the Backend API; ``None`` for 404."""
        organization = path.split("/")[3]
        if organization not in self.names:
            return None
        if not path.endswith("/memberships"):
            return self._document(organization)
        seat = self.seats.get((organization, query["user_id"]))
        return {"data": [] if seat is None else [seat.document()]}

    def _document(self, organization: str) -> dict[str, Any]:
        name, version = self.names[organization]
        return {"id": organization, "name": name, "created_at": 1000, "updated_at": version}

    def _tell_of(self, organization: str, event_type: str) -> None:
        self._send(event_type, self._document(organization))

    def _send(self, event_type: str, data: dict[str, Any]) -> None:
        svix_id = f"msg_{self.prefix}_{next(self._numbers)}"
        self.sent.append(Message(svix_id, event_type, data))
