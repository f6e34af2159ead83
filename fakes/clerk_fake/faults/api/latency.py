"""Answers take longer."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.errors import ApiError
from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["Latency"]

LONGEST_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Latency(ApiFault):
    """Each request waits before it is handled.

    Attributes:
        delay_s: So long, in real time.
        jitter_s: Up to so much less or more, evenly spread; never less than no time.
    """

    kind: ClassVar[str] = "latency"

    delay_s: Annotated[float, Between(0, LONGEST_S)]
    jitter_s: Annotated[float, Between(0, LONGEST_S)] = 0.0

    def check(self) -> None:
        """Refuse what would change nothing."""
        if not self.delay_s and not self.jitter_s:
            raise ApiError.bad_value("delay_s", "more than 0, or a jitter")

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Wait, unless the client gives up or the fault is healed meanwhile."""
        drawn = self.delay_s + exchange.random.uniform(-self.jitter_s, self.jitter_s)
        still_there = await exchange.pause(max(drawn, 0.0))
        return await proceed() if still_there else None
