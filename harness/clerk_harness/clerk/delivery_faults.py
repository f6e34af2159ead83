"""What goes wrong between Clerk and those who receive its webhooks."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from clerk_harness.clerk.inflicted import ActiveFault, inflicted
from clerk_harness.clerk.wire import Wire

__all__ = ["DeliveryFaults"]


class DeliveryFaults:
    """The faults of one instance's deliveries; ``docs/delivery-faults.md`` tells of all kinds."""

    def __init__(self, control: Wire) -> None:
        self._control = control

    def fault(
        self, kind: str, *, may_miss: bool = False, **said: Any
    ) -> AbstractContextManager[ActiveFault]:
        """Let ``kind`` happen to deliveries for the length of a block; it always heals.

        Args:
            kind: Such as ``duplicate``.
            may_miss: Whether it is fine when it takes no effect at all.
            **said: Its settings, such as ``copies=2``, and whom it strikes: ``event_types`` (a
                sequence of patterns), ``endpoint_id``, ``probability``, ``burst``, ``times``,
                ``duration_s`` on the instance's clock, ``seed``.

        Raises:
            DidNotStrikeError: On the way out: it took no effect.
            ClerkRefusedError: There is no such kind or setting.
        """
        return inflicted(self._control, _body(kind, said), may_miss=may_miss)

    def inflict(self, kind: str, said: Mapping[str, Any]) -> ActiveFault:
        """Let ``kind`` happen until it is healed; arguments as for ``fault``.

        Raises:
            ClerkRefusedError: There is no such kind or setting.
        """
        return ActiveFault(self._control, self._control.call("POST", "/faults", _body(kind, said)))


def _body(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {"seam": "delivery", "kind": kind, **said}
