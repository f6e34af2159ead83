"""A Clerk of a few lines: users with unique verified addresses, memberships, and their events.

Versions grow with every change and may run ahead of the clock, as Clerk's do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

__all__ = ["ClerkModel", "Message", "ModelMembership", "ModelUser"]


@dataclass(frozen=True)
class Message:
    """A webhook: sent at least once, in whatever order."""

    svix_id: str
    event_type: str
    data: dict[str, Any]


@dataclass
class ModelUser:
    """A user as Clerk holds it; ``addresses`` maps to whether each is verified."""

    clerk_id: str
    updated_at: int
    first_name: str | None = None
    addresses: dict[str, bool] = field(default_factory=dict)
    last_sign_in_at: int | None = None
    alive: bool = True

    def document(self) -> dict[str, Any]:
        """Return the user as events and the Backend API write it."""
        return {
            "id": self.clerk_id,
            "object": "user",
            "first_name": self.first_name,
            "primary_email_address_id": next(map(_email_id, self.addresses), None),
            "email_addresses": [
                {
                    "id": _email_id(address),
                    "email_address": address,
                    "verification": {"status": "verified" if verified else "unverified"},
                }
                for address, verified in self.addresses.items()
            ],
            "last_sign_in_at": self.last_sign_in_at,
            "created_at": 1000,
            "updated_at": self.updated_at,
        }


@dataclass
class ModelMembership:
    """A user's membership in an organization; who leaves and joins again gets another one."""

    clerk_id: str
    organization_id: str
    user_id: str
    updated_at: int
    role: str = "org:member"
    alive: bool = True

    def document(self) -> dict[str, Any]:
        """Return the membership as events and the Backend API write it."""
        return {
            "id": self.clerk_id,
            "object": "organization_membership",
            "organization": {"id": self.organization_id},
            "public_user_data": {"user_id": self.user_id},
            "role": self.role,
            "created_at": 1000,
            "updated_at": self.updated_at,
        }


def _email_id(address: str) -> str:
    return f"idn_{address}"


class ClerkModel:
    """All users of one Clerk; every command returns whether it changed anything.

    Args:
        prefix: Begins all ids and addresses.
    """

    def __init__(self, prefix: str) -> None:
        self.users: dict[str, ModelUser] = {}
        self.memberships: dict[str, ModelMembership] = {}
        self.sent: list[Message] = []
        self.now = 1_000_000
        self.asked = 0
        self._prefix = prefix
        self._numbers = count(1)

    def living(self) -> Iterator[ModelUser]:
        """Return who is not deleted."""
        return (user for user in self.users.values() if user.alive)

    def holder_of(self, address: str) -> ModelUser | None:
        """Return who has verified an address."""
        return next((user for user in self.living() if user.addresses.get(address)), None)

    def get(self, clerk_id: str) -> dict[str, Any] | None:
        """Answer the Backend API."""
        self.asked += 1
        user = self.users.get(clerk_id)
        return user.document() if user and user.alive else None

    def membership_of(self, organization_id: str, user_id: str) -> ModelMembership | None:
        """Return the membership that a user has in an organization."""
        return next(
            (
                each
                for each in self.memberships.values()
                if each.alive and (each.organization_id, each.user_id) == (organization_id, user_id)
            ),
            None,
        )

    def list_memberships(self, organization_id: str, user_id: str) -> dict[str, Any]:
        """Answer the Backend API."""
        self.asked += 1
        found = self.membership_of(organization_id, user_id)
        return {"data": [found.document()] if found else [], "total_count": int(bool(found))}

    def create(self, address: str | None = None) -> ModelUser:
        """Make a user, with a verified address if that is free."""
        user = ModelUser(f"user_{self._prefix}_{next(self._numbers)}", self.now)
        if address is not None:
            user.addresses[address] = self.holder_of(address) is None
        self.users[user.clerk_id] = user
        self._tell("user.created", user)
        return user

    def rename(self, user: ModelUser) -> None:
        """Give a user another name."""
        user.first_name = f"Name {next(self._numbers)}"
        self._changed(user)

    def add_address(self, user: ModelUser, address: str) -> None:
        """Give a user an unverified address, or take it away, verified or not."""
        if user.addresses.pop(address, None) is None:
            user.addresses[address] = False
        self._changed(user)

    def verify(self, user: ModelUser, address: str) -> None:
        """Let a user prove that an address is theirs, unless another one did."""
        if address in user.addresses and self.holder_of(address) is None:
            user.addresses[address] = True
            self._changed(user)

    def move(self, address: str, user: ModelUser) -> None:
        """Move a verified address from whoever has it to another user."""
        holder = self.holder_of(address)
        if holder is not None and holder is not user:
            del holder.addresses[address]
            self._changed(holder)
        user.addresses[address] = True
        self._changed(user)

    def swap(self, one: ModelUser, other: ModelUser) -> None:
        """Let two users exchange all their verified addresses."""
        ours, theirs = (_verified(user) for user in (one, other))
        for user, gone in ((one, ours), (other, theirs)):
            for address in gone:
                del user.addresses[address]
            self._changed(user)
        for user, come in ((one, theirs), (other, ours)):
            user.addresses |= dict.fromkeys(come, True)
            self._changed(user)

    def sign_in(self, user: ModelUser) -> None:
        """Sign a user in: that is no new version of the user."""
        user.last_sign_in_at = self.now
        self._send(
            "session.created",
            {
                "id": f"sess_{self._prefix}_{next(self._numbers)}",
                "object": "session",
                "user_id": user.clerk_id,
                "user": user.document(),
                "status": "active",
                "created_at": self.now,
                "updated_at": self.now,
            },
        )

    def join_or_leave(self, user: ModelUser, organization_id: str) -> None:
        """Let a user into an organization, or out of it."""
        membership = self.membership_of(organization_id, user.clerk_id)
        if membership is not None:
            self._end(membership)
            return
        clerk_id = f"orgmem_{self._prefix}_{next(self._numbers)}"
        membership = ModelMembership(clerk_id, organization_id, user.clerk_id, self.now)
        self.memberships[clerk_id] = membership
        self._send("organizationMembership.created", membership.document())

    def change_role(self, user: ModelUser, organization_id: str) -> None:
        """Give a member another role."""
        membership = self.membership_of(organization_id, user.clerk_id)
        if membership is not None:
            membership.role = f"org:role_{next(self._numbers)}"
            membership.updated_at = max(self.now, membership.updated_at + 1)
            self._send("organizationMembership.updated", membership.document())

    def _end(self, membership: ModelMembership) -> None:
        membership.alive = False
        self._send("organizationMembership.deleted", membership.document())

    def delete(self, user: ModelUser) -> None:
        """Delete a user, whose memberships end with them."""
        for membership in self.memberships.values():
            if membership.alive and membership.user_id == user.clerk_id:
                self._end(membership)
        user.alive = False
        user.addresses = {}
        self._send("user.deleted", {"id": user.clerk_id, "object": "user", "deleted": True})

    def _changed(self, user: ModelUser) -> None:
        user.updated_at = max(self.now, user.updated_at + 1)
        self._tell("user.updated", user)

    def _tell(self, event_type: str, user: ModelUser) -> None:
        self._send(event_type, user.document())

    def _send(self, event_type: str, data: dict[str, Any]) -> None:
        svix_id = f"msg_{self._prefix}_{next(self._numbers)}"
        self.sent.append(Message(svix_id, event_type, data))


def _verified(user: ModelUser) -> Iterable[str]:
    return [address for address, verified in user.addresses.items() if verified]
