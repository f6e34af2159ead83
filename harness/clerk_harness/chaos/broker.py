"""Redis dies at once, and comes back with its append-only file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clerk_harness.target import Deployment

__all__ = ["KillBroker"]


@dataclass(frozen=True)
class KillBroker:
    """SIGKILL to Redis; restarted on the same port and data."""

    name: str = "Redis"

    @contextmanager
    def apply(self, deployment: Deployment) -> Iterator[None]:
        """Kill on entry, restart on exit."""
        deployment.backing("redis").kill()
        try:
            yield
        finally:
            deployment.backing("redis").restart()

    def bites(self, deployment: Deployment) -> bool:
        """Whether nothing answers any more."""
        return not deployment.backing("redis").healthy()
