"""What is asked of a server that speaks Clerk's Backend API."""

import json
import re
from collections.abc import Callable
from itertools import count

from load import Load, Outcome, request, send
from servers import KEY, Server

__all__ = ["Client"]

REQUESTS_PER_TOKEN = 4_000
"""The peer refuses a token after 5,000 requests in an hour."""


class Client:
    """Asks one server.

    Args:
        server: Who is asked.
        rotating: Whether a new token is taken whenever the old one is used up.

    Attributes:
        server: As given.
        user_id: Of the user that was created last.
    """

    def __init__(self, server: Server, *, rotating: bool = False) -> None:
        self.server = server
        self.user_id = ""
        self._rotating = rotating
        self._asked = count()
        self._made = count()

    def create(self, users: int) -> float:
        """Create users; return how many per second."""
        outcome = self._send(users, lambda key: request("POST", "/v1/users", key, self._person()))
        found = re.search(rb'"id":"(user_\w+)"', outcome.last)
        if found is None:
            raise RuntimeError(f"{self.server.name} made no user: {outcome.last!r}")
        self.user_id = found[1].decode()
        return outcome.per_second

    def get(self, requests: int) -> float:
        """Get one user again and again; return how often per second."""
        path = f"/v1/users/{self.user_id}"
        return self._send(requests, lambda key: request("GET", path, key)).per_second

    def list(self, requests: int, path: str = "/v1/users?limit=10") -> float:
        """Get a list again and again; return how often per second."""
        return self._send(requests, lambda key: request("GET", path, key)).per_second

    def _send(self, requests: int, write: Callable[[str], bytes]) -> Outcome:
        return send(Load(self.server.port, (write(self._key()) for _ in range(requests))))

    def _person(self) -> bytes:
        number = next(self._made)
        person = {
            "email_address": [f"person.{number}@example.com"],
            "first_name": f"First {number % 1000}",
            "last_name": f"Last {number % 3000}",
        }
        return json.dumps(person).encode()

    def _key(self) -> str:
        return f"{KEY}_{next(self._asked) // REQUESTS_PER_TOKEN}" if self._rotating else KEY
