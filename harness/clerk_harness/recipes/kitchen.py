"""Where recipes are carried out: one instance, and what of the outcome is wished otherwise."""

import secrets
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from clerk_harness.clerk import ClerkInstance
from clerk_harness.recipes.overrides import Override

__all__ = ["Kitchen", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """The one request that brings an event about.

    Attributes:
        method: Upper case.
        path: Without ``/v1`` or the instance's part.
        body: JSON.
        outside: Whether it is what people, a checkout or a bank do, not a back end.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    outside: bool = False


class Kitchen:
    """Makes what a recipe needs, in one instance.

    Args:
        clerk: The instance.
        wishes: What the event shall say; a recipe asks for those that it can give to Clerk as
            input. Paths are those of the event's ``data``.
    """

    def __init__(self, clerk: ClerkInstance, wishes: Sequence[Override] = ()) -> None:
        self._clerk = clerk
        self._wishes = tuple(wishes)
        self.unique = secrets.token_hex(4)

    def wish(self, path: str, default: Any = None) -> Any:
        """Return what is wished at ``path`` (``email_addresses.0.email_address``), or ``default``.

        Wishes below it change a copy of the default: ``public_metadata.plan`` for ``{}``.
        """
        at = tuple(int(name) if name.isdecimal() else name for name in path.split("."))
        value = deepcopy(default)
        for override in self._wishes:
            if override.path == at:
                value = deepcopy(override.value)
            elif override.path[: len(at)] == at and isinstance(value, dict):
                _put(value, override.path[len(at) :], override.value)
        return value

    def wished(self, *names: str, of: str = "") -> dict[str, Any]:
        """Return those of ``names`` (below ``of``) about which something is wished."""
        found = {}
        for name in names:
            value = self.wish(f"{of}{name}", {} if name.endswith("_metadata") else None)
            if value or any(str(each) == f"data.{of}{name}" for each in self._wishes):
                found[name] = value
        return found

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request to the Backend API and return the answer."""
        return self._clerk.call(method, path, body)

    def outside(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Do what people, a checkout or a bank do."""
        return self._clerk.control(method, path, body)

    def take(self, step: Step) -> Any:
        """Take a recipe's last step and return the answer."""
        act = self.outside if step.outside else self.api
        return act(step.method, step.path, step.body)

    def address(self, name: str = "ada") -> str:
        """Return an e-mail address that nobody has."""
        return f"{name}.{self.unique}@example.com"

    def user(self, name: str = "ada", at: str = "", **more: Any) -> str:
        """Make a user and return its id.

        Args:
            name: For the address.
            at: Where the event tells of this user: ``public_user_data.``.
            **more: Further fields.
        """
        body = {
            "email_address": [self.wish(f"{at}identifier", self.address(name))],
            "first_name": self.wish(f"{at}first_name", name.capitalize()),
            "last_name": self.wish(f"{at}last_name", "Lovelace"),
            **self.wished("username", of=at),
            **more,
        }
        made: str = self.api("POST", "/users", body)["id"]
        return made

    def organization(self, at: str = "") -> str:
        """Make an organization with a boss of its own and return its id; ``at`` as with users."""
        body = {
            "name": self.wish(f"{at}name", "Acme"),
            "created_by": self.user("boss"),
            **self.wished("slug", "public_metadata", "private_metadata", of=at),
            **self.wished("max_allowed_memberships", of=at),
        }
        made: str = self.api("POST", "/organizations", body)["id"]
        return made


def _put(holder: dict[str, Any], path: Sequence[str | int], value: Any) -> None:
    for name in path[:-1]:
        if not isinstance(holder.get(str(name)), dict):
            holder[str(name)] = {}
        holder = holder[str(name)]
    holder[str(path[-1])] = value
