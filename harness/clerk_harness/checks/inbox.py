"""O2: every acknowledged message is remembered exactly once, and settled."""

from collections import Counter
from collections.abc import Iterator, Sequence

from clerk_harness.checks.finding import Breach, Finding, judge_law
from clerk_harness.checks.observation import Observation
from clerk_harness.target import InboxEntry

__all__ = ["check_inbox"]


def check_inbox(seen: Observation) -> Finding | None:
    """Compare acknowledgements with the service's inbox; None when it cannot be listed."""
    if seen.inbox is None:
        return None
    counted = any(entry.applications is not None for entry in seen.inbox)
    claim = "Every acknowledged message is in the inbox exactly once"
    return judge_law(
        "O2",
        f"{claim} and was applied at most once" if counted else f"{claim}, settled",
        seen,
        breaches=_breaches(seen.acknowledged, seen.inbox),
        held=f"acknowledged: {len(seen.acknowledged)}, in the inbox and settled: {len(seen.inbox)}",
    )


def _breaches(acknowledged: frozenset[str], inbox: Sequence[InboxEntry]) -> Iterator[Breach]:
    times = Counter(entry.svix_id for entry in inbox)
    for lost in sorted(acknowledged - times.keys()):
        yield Breach(lost, f"{lost} was acknowledged and is not in the inbox")
    for svix_id, n in times.items():
        if n > 1:
            yield Breach(svix_id, f"{svix_id} is there {n} times")
    for entry in inbox:
        if not entry.settled:
            yield Breach(entry.svix_id, f"{entry.svix_id} is {entry.state}, not settled")
        if entry.applications is not None and entry.applications > 1:
            says = f"{entry.svix_id} was applied {entry.applications} times"
            yield Breach(entry.svix_id, says)
