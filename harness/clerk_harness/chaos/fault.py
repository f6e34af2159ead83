"""What every fault looks like."""

from contextlib import AbstractContextManager
from typing import Protocol

from clerk_harness.target import Deployment

__all__ = ["Fault"]


class Fault(Protocol):
    """One way in which the world breaks."""

    @property
    def name(self) -> str:
        """What features and the report call it."""

    def apply(self, deployment: Deployment) -> AbstractContextManager[None]:
        """Break it on entry and heal it on exit, also when the body raised.

        Raises:
            HarnessError: It cannot be broken here, such as a database that is not ours.
        """

    def bites(self, deployment: Deployment) -> bool:
        """Tell, while it is on, whether what it breaks is really broken."""
