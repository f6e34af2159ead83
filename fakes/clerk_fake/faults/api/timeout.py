"""A request is accepted and never answered."""

from dataclasses import dataclass
from typing import ClassVar

from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.response import Response

__all__ = ["Timeout"]


@dataclass(frozen=True, slots=True)
class Timeout(ApiFault):
    """No answer until the client gives up; when the fault is healed, the connection is reset.

    Attributes:
        applied: Whether the request is carried out all the same.
    """

    kind: ClassVar[str] = "timeout"

    applied: bool = False

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Keep the client waiting."""
        if self.applied:
            await proceed()
        if await exchange.pause(None):
            await exchange.connection.reset()
        return None
