"""A fault that was set: whom it strikes, and how often it did."""

import asyncio
import random
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from clerk_fake.clock import Clock
from clerk_fake.faults.fault import Begun, Exchange, Fault, Proceed
from clerk_fake.faults.pattern import PathPattern
from clerk_fake.faults.where import Where
from clerk_fake.http.connection import Connection
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject

__all__ = ["ActiveFault", "Standing"]

State: TypeAlias = Literal["active", "spent", "expired", "healed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fault was set.

    Attributes:
        id: ``fault_…``.
        instance_id: Whose requests it strikes; ``None`` for everybody's.
        clock: The instance's, or a real one.
        order: Its place among others; the smallest is the outermost.
    """

    id: str
    instance_id: str | None
    clock: Clock
    order: tuple[int, int]


class ActiveFault:
    """One fault, from when it is set until it is healed.

    Args:
        fault: What goes wrong.
        where: Whom it strikes, with a seed.
        standing: Where it was set.
        begun: The fault in force.

    Attributes:
        standing: As given.
        healed: Set as soon as it is healed.
    """

    def __init__(self, fault: Fault, where: Where, standing: Standing, begun: Begun) -> None:
        self.standing = standing
        self.healed = asyncio.Event()
        self._fault = fault
        self._where = where
        self._begun = begun
        self._ended = False
        self._pattern = where.pattern()
        self._reach = tuple(map(PathPattern, fault.paths))
        self._random = random.Random(where.seed)  # noqa: S311 - repeatable, not secret
        self._began_ms = standing.clock.now_ms()
        self._matched = self._fired = 0 if fault.drawn else 1
        self._left_of_burst = 0
        self._expired = False

    @property
    def state(self) -> State:
        """``active``, or why it strikes no more."""
        if self.healed.is_set():
            return "healed"
        ends_at = self._ends_at_ms
        self._expired |= ends_at is not None and self.standing.clock.now_ms() >= ends_at
        if self._expired:
            return "expired"
        return "spent" if self._fired == self._where.times else "active"

    def strikes(self, request: Request) -> bool:
        """Count a request, and draw whether it is struck."""
        if not self._covers(request) or self.state != "active":
            return False
        self._matched += 1
        if not self._left_of_burst:
            if self._random.random() >= self._where.probability:
                return False
            self._left_of_burst = self._where.burst
        self._left_of_burst -= 1
        self._fired += 1
        return True

    async def act(
        self,
        request: Request,
        instance: Instance | None,
        connection: Connection,
        proceed: Proceed,
    ) -> Response | None:
        """Do it to a request that is struck."""
        exchange = Exchange(request, instance, connection, self._random, self.healed)
        return await self._begun.act(exchange, proceed)

    def heal(self) -> None:
        """End it, and let go whom it keeps waiting."""
        self.healed.set()
        self.stop()

    def stop(self) -> None:
        """End what it began; whom it keeps waiting goes on waiting."""
        if not self._ended:
            self._ended = True
            self._begun.end()

    def as_json(self) -> JsonObject:
        """Return what the control plane tells of it."""
        return {
            "id": self.standing.id,
            "object": "fault",
            "kind": self._fault.kind,
            "instance_id": self.standing.instance_id,
            **asdict(self._fault),
            **(asdict(self._where) if self._fault.drawn else {}),
            "state": self.state,
            "matched": self._matched,
            "fired": self._fired,
            "created_at": self._began_ms,
            "ends_at": self._ends_at_ms,
        }

    @property
    def _ends_at_ms(self) -> int | None:
        duration_s = self._where.duration_s
        return None if duration_s is None else self._began_ms + round(duration_s * 1000)

    def _covers(self, request: Request) -> bool:
        if not self._fault.drawn:
            return False
        return (
            self._where.method in (None, request.method)
            and self._fault.method in (None, request.method)
            and self._pattern.covers(request.path)
            and any(pattern.covers(request.path) for pattern in self._reach)
        )
