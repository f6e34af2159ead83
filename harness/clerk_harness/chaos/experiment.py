"""Inflict a fault, keep its window for the timeline, and find out whether it bit."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from clerk_harness.chaos.fault import Fault
from clerk_harness.ledger import FaultWindow, Ledger
from clerk_harness.target import Deployment

__all__ = ["Bite", "inflict"]


class Bite:
    """Whether a fault did harm, as seen while it was on.

    Attributes:
        felt: True once what it breaks was seen broken.
    """

    def __init__(self) -> None:
        self.felt = False


@contextmanager
def inflict(fault: Fault, deployment: Deployment, ledger: Ledger) -> Iterator[Bite]:
    """Run the body with the fault on; it is healed afterwards, whatever happened.

    Whether it bites is asked at the start and at the end of the body: a fault that something
    healed behind our back did not last, and so did not bite.
    """
    bite = Bite()
    with ExitStack() as window:
        started_at = time.time()
        with fault.apply(deployment):
            # Only what was really inflicted belongs on the timeline, until it was healed.
            window.callback(lambda: ledger.add_fault(_window(fault, started_at)))
            bit_at_once = fault.bites(deployment)
            yield bite
            bite.felt = bit_at_once and fault.bites(deployment)


def _window(fault: Fault, started_at: float) -> FaultWindow:
    return FaultWindow(f"{fault.name} down", started_at, time.time())
