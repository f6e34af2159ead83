"""What the ledger knows, as the report draws it."""

from clerk_harness.clerk.messages import is_acknowledgement
from clerk_harness.ledger import Ledger
from clerk_report.evidence import Delivery, FaultWindow, Timeline
from clerk_report.timeline import Outcome

__all__ = ["timeline"]


def timeline(ledger: Ledger, started_at: float) -> Timeline:
    """Put every delivery and every fault on one axis.

    Args:
        ledger: The books of the run.
        started_at: Where the axis begins, in Unix seconds.
    """
    deliveries = [
        Delivery(
            at_s=max(0.0, each.started_at / 1000 - started_at),
            latency_ms=each.latency_ms,
            outcome=_outcome(each.status),
            source="dispatcher",
        )
        for each in ledger.attempts
    ]
    deliveries += [
        Delivery(
            at_s=max(0.0, each.due_at - started_at),
            latency_ms=each.latency_ms,
            outcome=_outcome(each.status),
            source="load",
        )
        for each in ledger.load
    ]
    faults = [
        FaultWindow(
            each.name,
            each.started_at - started_at,
            each.ended_at - started_at,
            matched=each.matched,
            fired=each.fired,
        )
        for each in ledger.faults
    ]
    return Timeline(deliveries=tuple(deliveries), faults=tuple(faults))


def _outcome(status: int | None) -> Outcome:
    if is_acknowledgement(status):
        return "ok"
    return "lost" if status is None else "refused"
