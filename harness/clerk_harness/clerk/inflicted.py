"""A fault of the fake that is on for the length of a ``with`` block."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clerk_harness.clerk.wire import ClerkRefusedError, Wire

__all__ = ["ActiveFault", "DidNotStrikeError", "inflicted"]

_NOT_FOUND = 404


class DidNotStrikeError(AssertionError):
    """A fault took no effect, so a test that goes on would prove nothing: its result is unknown."""


class ActiveFault:
    """A fault that is on, or was.

    Attributes:
        id: ``fault_…``.
        kind: What goes wrong.
    """

    def __init__(self, control: Wire, told: Mapping[str, Any]) -> None:
        self.id = str(told["id"])
        self.kind = str(told["kind"])
        self._control = control
        self._healed: Mapping[str, Any] | None = None

    @property
    def fired(self) -> int:
        """How often it took effect so far."""
        return int(self._read()["fired"])

    @property
    def matched(self) -> int:
        """How many requests or deliveries it could have struck so far."""
        return int(self._read()["matched"])

    def heal(self) -> bool:
        """End it now; tell whether it was still there.

        After a reset it is not, and nobody knows any more what it did: it counts as nothing.
        """
        if self._healed is None:
            try:
                self._healed = self._control.call("DELETE", f"/faults/{self.id}")
            except ClerkRefusedError as refusal:
                if refusal.status != _NOT_FOUND:
                    raise
                self._healed = {"matched": 0, "fired": 0}
                return False
        return True

    def _read(self) -> Mapping[str, Any]:
        if self._healed is not None:
            return self._healed
        told: Mapping[str, Any] = self._control.call("GET", f"/faults/{self.id}")
        return told


@contextmanager
def inflicted(control: Wire, body: Mapping[str, Any], *, may_miss: bool) -> Iterator[ActiveFault]:
    """Set a fault, and heal it whatever happens inside.

    Args:
        control: The instance's control plane.
        body: Its kind, its settings and whom it strikes.
        may_miss: Whether it is fine when it takes no effect at all.

    Raises:
        DidNotStrikeError: It took none.
    """
    fault = ActiveFault(control, control.call("POST", "/faults", body))
    try:
        yield fault
    finally:
        told = fault.heal()
    if told and not fault.fired and not may_miss:
        raise DidNotStrikeError(
            f"{fault.kind} struck none of the {fault.matched} {_WHAT[str(body['seam'])]} "
            "that it matched"
        )


_WHAT: Mapping[str, str] = {"api": "requests", "delivery": "deliveries"}
