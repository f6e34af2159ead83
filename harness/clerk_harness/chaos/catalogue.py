"""Every fault by its name: the one line that registers a new one."""

from clerk_harness.chaos.broker import KillBroker
from clerk_harness.chaos.database import KillDatabase
from clerk_harness.chaos.fault import Fault
from clerk_harness.chaos.worker import KillWorker

__all__ = ["FAULTS"]

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        KillBroker(),
        KillDatabase(),
        KillWorker(),
    )
}
