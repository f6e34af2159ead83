"""Who is examined."""

from dataclasses import dataclass

from clerk_harness.errors import HarnessError
from clerk_harness.ledger import Ledger
from clerk_harness.target import Deployment

__all__ = ["Patient", "UnhealthyError", "require"]


class UnhealthyError(HarnessError):
    """A check found something wrong."""


@dataclass(frozen=True)
class Patient:
    """A service that is up, and the books of its Clerk."""

    deployment: Deployment
    ledger: Ledger


def require(condition: object, cause: str, remedy: str = "") -> None:
    """Raise :class:`UnhealthyError` unless the condition holds."""
    if not condition:
        raise UnhealthyError(cause, remedy)
