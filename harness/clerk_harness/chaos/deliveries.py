"""Faults of Clerk's deliveries that are on for a whole run, and what they prove."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clerk_fake.errors import ApiError
from clerk_fake.faults.registry import FAULTS
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_harness.checks import bitten, settle
from clerk_harness.errors import ConfigurationError
from clerk_harness.ledger import FaultWindow, Ledger
from clerk_harness.target import Deployment
from clerk_report.evidence import Scenario

if TYPE_CHECKING:
    from clerk_harness.clerk import ActiveFault

__all__ = ["DELIVERY_ROW", "DeliveryFault", "Disturbance", "disturbed", "read_delivery_fault"]

DELIVERY_ROW = "Delivery Faults"
"""The row that tells whether they took effect."""

_WHEN_ALL_IS_OVER = frozenset({"replay_storm"})
"""Kinds that do all they do when they are set: before the run there is nothing to be struck."""

_RETRY_AFTER_S = (0, 0.5, 0.5, 1, 1, 1, 1, 2, 2, 4, 4, 4)
"""More attempts fail than usual: longer steps would outlast what the rows wait for."""

_SETTLES_WITHIN_S = 45


@dataclass(frozen=True)
class DeliveryFault:
    """One fault, as somebody asked for it.

    Attributes:
        text: In the words of the command line.
        kind: Such as ``duplicate``.
        said: Its settings, and whom it strikes.
    """

    text: str
    kind: str
    said: Mapping[str, Any]


def read_delivery_fault(text: str) -> DeliveryFault:
    """Read ``KIND[:setting=value[,setting=value…]]``, such as ``duplicate:copies=2``.

    Values are numbers, ``true``, ``false`` or words; several event types are joined by ``+``.

    Raises:
        ConfigurationError: There is no such kind or setting, or the value makes no sense.
    """
    kind, _, rest = text.partition(":")
    known = FAULTS["delivery"]
    if kind not in known:
        raise ConfigurationError(
            f"there is no delivery fault {kind!r}", f"choose among {', '.join(known)}"
        )
    said = dict(map(_setting, rest.split(","))) if rest else {}
    fields, conditions = Fields(said), known[kind].conditions()
    try:
        read_form(known[kind].where, fields.only(conditions))
        read_form(known[kind], fields.without(conditions)).check()
    except ApiError as refusal:
        raise ConfigurationError(
            f"--delivery-fault {text} cannot be: {str(refusal).rstrip('.')}",
            "see docs/delivery-faults.md",
        ) from refusal
    return DeliveryFault(text, kind, said)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ConfigurationError(
            f"{text!r} is no setting of a delivery fault", "write name=value, such as copies=2"
        )
    if name == "event_types":
        return name, value.split("+")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


class Disturbance:
    """Delivery faults around one deployment, from ``begin`` until ``heal``.

    Args:
        deployment: Whose deliveries are struck.
        ledger: Where the windows of the faults are kept, and what the oracle judges by.
        faults: What is asked for.
    """

    def __init__(
        self, deployment: Deployment, ledger: Ledger, faults: Sequence[DeliveryFault]
    ) -> None:
        self._deployment = deployment
        self._ledger = ledger
        self._faults = faults
        self._on: list[tuple[DeliveryFault, ActiveFault, float]] = []
        self._healed = 0

    def begin(self) -> None:
        """Set everything that strikes what is yet to come, and have it retried more often."""
        if self._faults:
            self._deployment.clerk.endpoints.retry_after(*_RETRY_AFTER_S)
        self._inflict([each for each in self._faults if each.kind not in _WHEN_ALL_IS_OVER])

    def heal(self) -> None:
        """End everything; what was held goes out."""
        for fault, active, since in self._on[self._healed :]:
            active.heal()
            self._healed += 1
            counted = {"matched": active.matched, "fired": active.fired}
            self._ledger.add_fault(FaultWindow(fault.kind, since, time.time(), **counted))

    def judge(self) -> tuple[Scenario, ...]:
        """End everything, wait until things have settled, and tell what took effect.

        A fault that took none proves nothing: *unknown*.
        """
        self._inflict([each for each in self._faults if each.kind in _WHEN_ALL_IS_OVER])
        self.heal()
        judged = [
            Scenario.judged(
                fault.text,
                DELIVERY_ROW,
                duration_s=time.time() - since,
                evidence=(
                    bitten(
                        fault.text,
                        bit=active.fired > 0,
                        observed=f"{active.fired} fired, {active.matched} matched",
                    ),
                ),
            )
            for fault, active, since in self._on
        ]
        return (*judged, self._settled())

    def _inflict(self, faults: Sequence[DeliveryFault]) -> None:
        for fault in faults:
            active = self._deployment.clerk.delivery_faults.inflict(fault.kind, fault.said)
            self._on.append((fault, active, time.time()))

    def _settled(self) -> Scenario:
        started = time.monotonic()
        deployment = self._deployment
        found = settle(deployment.clerk, self._ledger, deployment.probe, within=_SETTLES_WITHIN_S)
        return Scenario.judged(
            "The books balance when all is over",
            DELIVERY_ROW,
            duration_s=time.monotonic() - started,
            evidence=found,
        )


@contextmanager
def disturbed(
    deployment: Deployment, ledger: Ledger, faults: Sequence[DeliveryFault]
) -> Iterator[Disturbance]:
    """Let ``faults`` happen for the length of the block; they heal whatever happens inside."""
    disturbance = Disturbance(deployment, ledger, faults)
    try:
        disturbance.begin()
        yield disturbance
    finally:
        disturbance.heal()
