"""What is asked of a server that speaks Clerk's Backend API."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from load import Load, request, send
from servers import KEY, Server

__all__ = ["Client", "Rate"]

REQUESTS_PER_TOKEN = 4_000
"""The peer refuses a token after 5,000 requests in an hour."""


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """How fast a server answered.

    Attributes:
        per_second: Requests per second.
        per_cpu_second: Requests per second that its process had the core: the same on an idle
            machine, and hardly another one on a busy machine.
    """

    per_second: float
    per_cpu_second: float


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

    def create(self, users: int) -> Rate:
        """Create users."""
        rate, last = self._send(
            users, lambda key: request("POST", "/v1/users", key, self._person())
        )
        found = re.search(rb'"id":"(user_\w+)"', last)
        if found is None:
            raise RuntimeError(f"{self.server.name} made no user: {last!r}")
        self.user_id = found[1].decode()
        return rate

    def get(self, requests: int) -> Rate:
        """Get one user again and again."""
        return self.list(requests, f"/v1/users/{self.user_id}")

    def list(self, requests: int, path: str = "/v1/users?limit=10") -> Rate:
        """Get a list again and again."""
        return self._send(requests, lambda key: request("GET", path, key))[0]

    def _send(self, requests: int, write: Callable[[str], bytes]) -> tuple[Rate, bytes]:
        before = self.server.cpu_s()
        load = Load(self.server.port, (write(self._key()) for _ in range(requests)))
        outcome = send(load)
        used = self.server.cpu_s() - before
        return Rate(outcome.per_second, outcome.answered / max(used, 0.01)), outcome.last

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
