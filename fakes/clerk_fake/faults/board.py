"""All faults of a server, and the seam at which they act.

The kinds of faults are imported when the first one is set: most servers never have any.
"""

import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.http.auth import addressed_instance
from clerk_fake.http.connection import Connection
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.serving import Answer
from clerk_fake.ids import Ids
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clerk_fake.faults.active import ActiveFault
    from clerk_fake.faults.fault import Fault
    from clerk_fake.faults.where import Where
    from clerk_fake.http.machine_keys import MachineKeys

__all__ = ["Faults"]

NEVER_TOUCHED: Final = ("/__fake__", "/dashboard")
"""The control plane and the page for people always work."""


class Faults:
    """What is set, for one instance or for all; implements ``Seam``.

    Args:
        instances: All of the server.

    Attributes:
        idle: Whether there is no fault that might strike.
    """

    def __init__(self, instances: Instances) -> None:
        self.idle = True
        self._instances = instances
        self._machine_keys: MachineKeys | None = None
        self._clock = Clock()
        self._ids = Ids()
        self._set = 0
        self._all: dict[str, ActiveFault] = {}
        self._striking: dict[str | None, list[ActiveFault]] = {}

    def set(self, fault: "Fault", where: "Where", instance: Instance | None) -> "ActiveFault":
        """Let ``fault`` happen to requests of ``instance``, or of everybody.

        Raises:
            ApiError: 422, it cannot be set for everybody, or can strike nothing there.
        """
        from clerk_fake.faults.active import ActiveFault, Standing  # noqa: PLC0415 - see above
        from clerk_fake.faults.registry import place_of  # noqa: PLC0415 - see above

        if instance is None and fault.lives_in_an_instance:
            raise ApiError.missing_param("instance_id")
        if where.method is not None and fault.method not in {None, where.method}:
            raise ApiError.bad_value("method", f"{fault.method}: {fault.kind} strikes nothing else")
        where.pattern()
        self._set += 1
        standing = Standing(
            id=self._ids.new("fault"),
            instance_id=None if instance is None else instance.id,
            clock=self._clock if instance is None else instance.clock,
            order=(place_of(fault), self._set),
        )
        active = ActiveFault(fault, _seeded(where, instance), standing, fault.begin(instance))
        self._all[standing.id] = active
        self._sort_out()
        return active

    def get(self, fault_id: str, instance_id: str | None = None) -> "ActiveFault":
        """Return a fault; with ``instance_id``, one of this instance only.

        Raises:
            ApiError: 404, there is none.
        """
        active = self._all.get(fault_id)
        if active is None or instance_id not in (None, active.standing.instance_id):
            raise ApiError.not_found("fault", fault_id)
        return active

    def of(self, instance_id: str | None = None) -> "Iterator[ActiveFault]":
        """Yield the faults of one instance, or all there are, in the order of their setting."""
        for active in tuple(self._all.values()):
            if instance_id in (None, active.standing.instance_id):
                yield active

    def heal(self, faults: "Iterable[ActiveFault]") -> None:
        """End these faults."""
        for active in faults:
            active.heal()
            self._all.pop(active.standing.id, None)
        self._sort_out()

    def heal_all(self) -> None:
        """End all faults."""
        self.heal(self.of())

    async def disturb(
        self, request: Request, answer: Answer, connection: Connection
    ) -> Response | None:
        """Let the faults that strike a request act, the outermost first."""
        if request.path == "/" or request.path.startswith(NEVER_TOUCHED):
            return answer()
        instance = self._addressed(request)
        concerned = list(self._striking.get(None, ()))
        if instance is not None:
            concerned += self._striking.get(instance.id, ())
        concerned.sort(key=lambda active: active.standing.order)

        async def reach(place: int) -> Response | None:
            for index in range(place, len(concerned)):
                active = concerned[index]
                if active.strikes(request):
                    further = partial(reach, index + 1)
                    return await active.act(request, instance, connection, further)
            return answer()

        response = await reach(0)
        if any(active.state != "active" for active in concerned):
            self._sort_out()
        return response

    def _addressed(self, request: Request) -> Instance | None:
        instance = addressed_instance(request, self._instances)
        if instance is not None:
            return instance
        if self._machine_keys is None:
            from clerk_fake.http.machine_keys import MachineKeys  # noqa: PLC0415 - see above

            self._machine_keys = MachineKeys(self._instances)
        owner = self._machine_keys.owner(request)
        return None if owner is None else owner[0]

    def _sort_out(self) -> None:
        self._striking = {}
        for active in self._all.values():
            if active.state == "active":
                self._striking.setdefault(active.standing.instance_id, []).append(active)
            else:
                active.stop()
        self.idle = not self._striking


def _seeded(where: "Where", instance: Instance | None) -> "Where":
    if where.seed is not None:
        return where
    seed = None if instance is None else instance.identity.seed
    return replace(where, seed=secrets.randbits(32) if seed is None else seed)
