"""All faults of a server.

The kinds of faults are imported when the first one is set: most servers never have any.
"""

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.faults.api.seam import ApiSeam
from clerk_fake.ids import Ids
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clerk_fake.faults.active import ActiveFault
    from clerk_fake.faults.delivery.seam import DeliverySeam
    from clerk_fake.faults.draws import Draws
    from clerk_fake.faults.fault import Fault, SeamName

__all__ = ["Faults"]


class Faults:
    """What is set, for one instance or for all, at either seam.

    Args:
        instances: All of the server.

    Attributes:
        api: Where faults come between requests and their handlers.
    """

    def __init__(self, instances: Instances) -> None:
        self.api = ApiSeam(self, instances)
        self._clock = Clock()
        self._ids = Ids()
        self._set = 0
        self._all: dict[str, ActiveFault[Any]] = {}
        self._striking: dict[tuple[SeamName, str | None], list[ActiveFault[Any]]] = {}
        self._delivery_seams: dict[str, DeliverySeam] = {}

    def set(self, fault: "Fault", where: "Draws", instance: Instance | None) -> "ActiveFault[Any]":
        """Let ``fault`` happen to what is asked of ``instance`` or sent by it, or to everybody.

        Raises:
            ApiError: 422, it cannot be set for everybody, or can strike nothing there.
        """
        from clerk_fake.faults.active import ActiveFault, Standing  # noqa: PLC0415 - see above
        from clerk_fake.faults.alarm import Alarm  # noqa: PLC0415 - see above
        from clerk_fake.faults.registry import place_of  # noqa: PLC0415 - see above

        if instance is None and fault.lives_in_an_instance:
            raise ApiError.missing_param("instance_id")
        fault.check()
        self._set += 1
        standing = Standing(
            id=self._ids.new("fault"),
            instance=instance,
            clock=self._clock if instance is None else instance.clock,
            order=(place_of(fault), self._set),
            number=sum(type(other.fault) is type(fault) for other in self._of(instance)),
        )
        active: ActiveFault[Any] = ActiveFault(fault, _seeded(where, instance), standing)
        self._all[standing.id] = active
        if fault.seam == "delivery" and active.ends_at_ms is not None:
            active.alarm = Alarm(standing.clock, active.ends_at_ms, self.sort_out)
        self.sort_out()
        return active

    def get(self, fault_id: str, instance_id: str | None = None) -> "ActiveFault[Any]":
        """Return a fault; with ``instance_id``, one of this instance only.

        Raises:
            ApiError: 404, there is none.
        """
        active = self._all.get(fault_id)
        if active is None or instance_id not in (None, active.instance_id):
            raise ApiError.not_found("fault", fault_id)
        return active

    def of(self, instance_id: str | None = None) -> "Iterator[ActiveFault[Any]]":
        """Yield the faults of one instance, or all there are, in the order of their setting."""
        for active in tuple(self._all.values()):
            if instance_id in (None, active.instance_id):
                yield active

    def _of(self, instance: Instance | None) -> "Iterator[ActiveFault[Any]]":
        return (active for active in self._all.values() if active.standing.instance is instance)

    def striking(self, seam: "SeamName", instance_id: str | None) -> "list[ActiveFault[Any]]":
        """Return those that may strike what concerns an instance, the outermost first."""
        concerned = list(self._striking.get((seam, None), ()))
        if instance_id is not None:
            concerned += self._striking.get((seam, instance_id), ())
        concerned.sort(key=lambda active: active.standing.order)
        return concerned

    def heal(self, faults: "Iterable[ActiveFault[Any]]") -> None:
        """End these faults."""
        for active in faults:
            active.heal()
            self._all.pop(active.standing.id, None)
        self.sort_out()

    def heal_all(self) -> None:
        """End all faults."""
        self.heal(self.of())

    def sort_out(self) -> None:
        """Look who may still strike; let those end that may not."""
        self._striking = {}
        for active in self._all.values():
            if active.state == "active":
                at = (active.fault.seam, active.instance_id)
                self._striking.setdefault(at, []).append(active)
            else:
                active.stop()
        self.api.idle = not any(seam == "api" for seam, _ in self._striking)
        self._stand_between()

    def _stand_between(self) -> None:
        """Stand at the dispatchers whose deliveries may be struck, and at no others."""
        struck: dict[str, Instance] = {
            active.standing.instance.id: active.standing.instance
            for (seam, _), some in self._striking.items()
            for active in some
            if seam == "delivery" and active.fault.drawn and active.standing.instance is not None
        }
        for instance_id in self._delivery_seams.keys() - struck.keys():
            self._delivery_seams.pop(instance_id).leave()
        if struck:
            from clerk_fake.faults.delivery.seam import DeliverySeam  # noqa: PLC0415 - see above

            for instance_id in struck.keys() - self._delivery_seams.keys():
                self._delivery_seams[instance_id] = DeliverySeam(self, struck[instance_id])


def _seeded(where: "Draws", instance: Instance | None) -> "Draws":
    if where.seed is not None:
        return where
    seed = None if instance is None else instance.identity.seed
    return replace(where, seed=secrets.randbits(32) if seed is None else seed)
