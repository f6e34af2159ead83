"""Users as Clerk holds them, and the changes that a test makes to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from clerk_harness.clerk.wire import Wire

__all__ = ["ClerkUser", "Users"]

_PAGE = 500


@dataclass(frozen=True)
class ClerkUser:
    """One user of Clerk, reduced to what a local database is expected to mirror.

    Attributes:
        version: Clerk's ``updated_at`` in milliseconds; it rises with every change.
    """

    id: str
    email: str | None
    first_name: str | None
    last_name: str | None
    username: str | None
    image_url: str | None
    external_id: str | None
    public_metadata: Mapping[str, Any]
    banned: bool
    locked: bool
    version: int

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON that the Backend API and ``user.*`` events carry."""
        emails = {entry["id"]: entry["email_address"] for entry in wire.get("email_addresses", [])}
        return cls(
            id=wire["id"],
            email=emails.get(wire.get("primary_email_address_id")),
            first_name=wire.get("first_name"),
            last_name=wire.get("last_name"),
            username=wire.get("username"),
            image_url=wire.get("image_url"),
            external_id=wire.get("external_id"),
            public_metadata=wire.get("public_metadata") or {},
            banned=bool(wire.get("banned")),
            locked=bool(wire.get("locked")),
            version=int(wire["updated_at"]),
        )


class Users:
    """Commands on the users of one instance, through the Backend API.

    Every method raises :class:`ClerkRefusedError` when Clerk refuses.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, email: str | Sequence[str], **fields: Any) -> ClerkUser:
        """Create a user.

        Args:
            email: One address or several; the first is the primary one.
            **fields: Any other field of ``POST /v1/users``.
        """
        addresses = [email] if isinstance(email, str) else list(email)
        body = {"email_address": addresses, "skip_password_requirement": True, **fields}
        return ClerkUser.from_wire(self._wire.call("POST", "/users", body))

    def get(self, user: ClerkUser | str) -> ClerkUser:
        """Read one user."""
        return ClerkUser.from_wire(self._wire.call("GET", f"/users/{_id(user)}"))

    def update(self, user: ClerkUser | str, **fields: Any) -> ClerkUser:
        """Change fields of ``PATCH /v1/users/{id}``."""
        return ClerkUser.from_wire(self._wire.call("PATCH", f"/users/{_id(user)}", fields))

    def update_metadata(self, user: ClerkUser | str, **fields: Any) -> ClerkUser:
        """Merge ``public_metadata``, ``private_metadata`` or ``unsafe_metadata``."""
        return ClerkUser.from_wire(self._wire.call("PATCH", f"/users/{_id(user)}/metadata", fields))

    def add_email(self, user: ClerkUser | str, email: str, *, primary: bool = False) -> None:
        """Give a user another verified address, as the primary one if asked to."""
        body = {"user_id": _id(user), "email_address": email, "verified": True, "primary": primary}
        self._wire.call("POST", "/email_addresses", body)

    def ban(self, user: ClerkUser | str) -> ClerkUser:
        """Ban a user; Clerk ends their sessions."""
        return ClerkUser.from_wire(self._wire.call("POST", f"/users/{_id(user)}/ban"))

    def delete(self, user: ClerkUser | str) -> None:
        """Delete a user; Clerk emits a tombstone."""
        self._wire.call("DELETE", f"/users/{_id(user)}")

    def all(self) -> Iterator[ClerkUser]:
        """Yield every user, oldest first, page by page."""
        offset = 0
        while True:
            page = self._wire.call(
                "GET", "/users", limit=_PAGE, offset=offset, order_by="+created_at"
            )
            yield from map(ClerkUser.from_wire, page)
            if len(page) < _PAGE:
                return
            offset += len(page)


def _id(user: ClerkUser | str) -> str:
    return user if isinstance(user, str) else user.id
