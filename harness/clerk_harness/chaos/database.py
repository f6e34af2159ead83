"""Postgres dies at once, as in a power cut, and comes back with what it had committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clerk_harness.target import Deployment

__all__ = ["KillDatabase"]


@dataclass(frozen=True)
class KillDatabase:
    """SIGKILL to every process of the database; restarted on the same port and data."""

    name: str = "Postgres"

    @contextmanager
    def apply(self, deployment: Deployment) -> Iterator[None]:
        """Kill on entry, restart on exit."""
        deployment.backing("postgres").kill()
        try:
            yield
        finally:
            deployment.backing("postgres").restart()

    def bites(self, deployment: Deployment) -> bool:
        """Whether nothing answers any more."""
        return not deployment.backing("postgres").healthy()
