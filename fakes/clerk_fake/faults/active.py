"""A fault that was set: whom it strikes, and how often it did."""

import asyncio
import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

from clerk_fake.clock import Clock
from clerk_fake.faults.draws import Draws
from clerk_fake.faults.fault import Begun, Fault, Onset
from clerk_fake.faults.tally import Tally
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from clerk_fake.faults.alarm import Alarm

__all__ = ["ActiveFault", "Standing"]

State: TypeAlias = Literal["active", "spent", "expired", "healed"]

B = TypeVar("B", bound=Begun)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fault was set.

    Attributes:
        id: ``fault_…``.
        instance: Whose requests or deliveries it strikes; ``None`` for everybody's.
        clock: The instance's, or a real one.
        order: Its place among others; the smallest is the outermost.
        number: How many of its kind were set there before and are not healed.
    """

    id: str
    instance: Instance | None
    clock: Clock
    order: tuple[int, int]
    number: int = 0


class ActiveFault(Generic[B]):
    """One fault, from when it is set until it is healed.

    Args:
        fault: What goes wrong.
        where: Whom it strikes, with a seed.
        standing: Where it was set.

    Attributes:
        fault: As given.
        standing: As given.
        healed: Set as soon as it is healed.
        alarm: Stopped when it ends.
        random: The fault's own, seeded.
        tally: How often it could have struck, and took effect.
        begun: The fault in force.

    Raises:
        ApiError: 422, it can strike nothing there.
    """

    def __init__(self, fault: Fault, where: Draws, standing: Standing) -> None:
        self.fault = fault
        self.standing = standing
        self.healed = asyncio.Event()
        self.alarm: Alarm | None = None
        self.tally = Tally()
        # Each fault draws for itself: with the same draws, two that share a seed would always
        # strike the same ones.
        own_seed = f"{where.seed} {fault.seam} {fault.kind} {standing.number}"
        self.random = random.Random(own_seed)  # noqa: S311 - repeatable, not secret
        self._where = where
        self._began_ms = standing.clock.now_ms()
        self._ended = False
        self._expired = False
        self._struck = 0
        self._left_of_burst = 0
        onset = Onset(standing.instance, where, self.tally, self.random, self.healed)
        self._meant: Callable[[Any], bool] = fault.aim(onset)
        self.begun = cast("B", fault.begin(onset))

    @property
    def instance_id(self) -> str | None:
        """Whose it is; ``None`` when it is everybody's."""
        return None if self.standing.instance is None else self.standing.instance.id

    @property
    def ends_at_ms(self) -> int | None:
        """When it ends by itself, on its clock."""
        duration_s = self._where.duration_s
        return None if duration_s is None else self._began_ms + round(duration_s * 1000)

    @property
    def state(self) -> State:
        """``active``, or why it strikes no more."""
        if self.healed.is_set():
            return "healed"
        ends_at = self.ends_at_ms
        self._expired |= ends_at is not None and self.standing.clock.now_ms() >= ends_at
        if self._expired:
            return "expired"
        return "spent" if self.tally.over or self._struck == self._where.times else "active"

    def strikes(self, subject: object) -> bool:
        """Count a request or a delivery, and draw whether it is struck."""
        if not (self.fault.drawn and self._meant(subject)) or self.state != "active":
            return False
        if self.begun.spares(subject):
            return False
        self.tally.matched += 1
        if not self._left_of_burst:
            if self.random.random() >= self._where.probability:
                return False
            self._left_of_burst = self._where.burst
        self._left_of_burst -= 1
        self._struck += 1
        if not self.fault.counts_itself:
            self.tally.fired += 1
        return True

    def heal(self) -> None:
        """End it, let go whom it keeps waiting, and put right what it did."""
        self.healed.set()
        self.stop()
        self.begun.heal()

    def stop(self) -> None:
        """End what it began."""
        if not self._ended:
            self._ended = True
            if self.alarm is not None:
                self.alarm.stop()
            self.begun.end()

    def as_json(self) -> JsonObject:
        """Return what the control plane tells of it."""
        said = self.fault.conditions()
        conditions = {name: value for name, value in asdict(self._where).items() if name in said}
        return {
            "id": self.standing.id,
            "object": "fault",
            "seam": self.fault.seam,
            "kind": self.fault.kind,
            "instance_id": self.instance_id,
            **asdict(self.fault),
            **conditions,
            "state": self.state,
            "matched": self.tally.matched,
            "fired": self.tally.fired,
            "created_at": self._began_ms,
            "ends_at": self.ends_at_ms,
        }
