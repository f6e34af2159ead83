"""O2: every acknowledged message is remembered exactly once, and settled."""

from collections import Counter

from clerk_harness.checks.observation import Observation
from clerk_harness.checks.wording import law
from clerk_report.evidence import Evidence

__all__ = ["check_inbox"]


def check_inbox(seen: Observation) -> Evidence | None:
    """Compare acknowledgements with the service's inbox; None when it cannot be listed."""
    if seen.inbox is None:
        return None
    entries = {entry.svix_id: entry for entry in seen.inbox}
    times = Counter(entry.svix_id for entry in seen.inbox)
    breaches = [
        f"{message_id} was acknowledged and is not in the inbox"
        for message_id in sorted(seen.acknowledged - entries.keys())
    ]
    breaches += [f"{message_id} is there {n} times" for message_id, n in times.items() if n > 1]
    breaches += [
        f"{entry.svix_id} is {entry.state}, not settled"
        for entry in seen.inbox
        if not entry.settled
    ]
    breaches += [
        f"{entry.svix_id} was applied {entry.applications} times"
        for entry in seen.inbox
        if entry.applications > 1
    ]
    return law(
        "O2",
        "Every acknowledged message is in the inbox exactly once and was applied at most once",
        breaches=breaches,
        held=f"{len(seen.acknowledged)} acknowledged, {len(entries)} in the inbox, all settled",
    )
