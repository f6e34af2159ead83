"""The background workers die at once, with whatever they had in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clerk_harness.target import Deployment

__all__ = ["KillWorker"]


@dataclass(frozen=True)
class KillWorker:
    """SIGKILL to every process of the role ``worker``; started again as a supervisor would."""

    name: str = "the worker"

    @contextmanager
    def apply(self, deployment: Deployment) -> Iterator[None]:
        """Kill on entry, start on exit."""
        deployment.kill("worker")
        try:
            yield
        finally:
            deployment.restart("worker")

    def bites(self, deployment: Deployment) -> bool:
        """Whether none of them runs any more."""
        return not deployment.running("worker")
