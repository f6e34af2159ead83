"""The connection breaks in the middle of an answer."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["ConnectionReset"]


@dataclass(frozen=True, slots=True)
class ConnectionReset(ApiFault):
    """The request is carried out, part of the answer is sent, then comes RST.

    Attributes:
        head: Whether status and headers are sent, which promise the whole body.
        body_share: How much of the body is sent after them, 0 to 1, but never all of it.
    """

    kind: ClassVar[str] = "connection_reset"

    head: bool = True
    body_share: Annotated[float, Between(0, 1)] = 0.5

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Answer in part."""
        response = await proceed()
        if response is None:
            return None
        if self.head and response.body:
            size = min(int(len(response.body) * self.body_share), len(response.body) - 1)
            await exchange.connection.send_part(response, size)
        await exchange.connection.reset()
        return None
