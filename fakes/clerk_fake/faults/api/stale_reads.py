"""What was changed is not seen at once."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from clerk_fake.faults.api.exchange import ApiFault, BegunApiFault, Exchange, Proceed
from clerk_fake.faults.api.replica import Replica
from clerk_fake.faults.api.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.http.response import Response
from clerk_fake.jsontypes import Between

__all__ = ["StaleReads"]

LONGEST_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class StaleReads(ApiFault):
    """GETs are answered with what was known some time ago; writes and events are as ever.

    Attributes:
        delay_s: How long ago, on the instance's clock.
    """

    kind: ClassVar[str] = "stale_reads"
    method: ClassVar[str | None] = "GET"
    lives_in_an_instance: ClassVar[bool] = True

    delay_s: Annotated[float, Between(0, LONGEST_S)]

    def begin(self, onset: Onset[Where]) -> BegunApiFault:
        """Follow the instance from now on."""
        instance = onset.instance
        if instance is None:
            return self
        return _Lagging(Replica(instance.state, instance.clock, round(self.delay_s * 1000)))


@dataclass(frozen=True, slots=True)
class _Lagging(BegunApiFault):
    replica: Replica

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Let the handler look at the replica.

        Nothing but the handler comes behind this fault, and it never waits: no other request of
        the instance can be served between the two changes of what it knows.
        """
        instance = exchange.instance
        if instance is None:
            return await proceed()
        now = instance.state
        instance.state = self.replica.state()
        try:
            return await proceed()
        finally:
            instance.state = now

    def end(self) -> None:
        self.replica.close()
