"""O3: nobody is there whom Clerk does not know, and nobody is there twice."""

from collections import Counter

from clerk_harness.checks.observation import Observation
from clerk_harness.checks.wording import law
from clerk_report.evidence import Evidence

__all__ = ["check_phantoms"]


def check_phantoms(seen: Observation) -> Evidence | None:
    """Look for rows without a user in Clerk; None when the service cannot list its users."""
    if not seen.complete:
        return None
    times = Counter(row.id for row in seen.local_rows)
    known = seen.clerk_users.keys() | seen.deleted
    breaches = [f"{clerk_id} has {n} rows" for clerk_id, n in times.items() if n > 1]
    breaches += [f"{clerk_id} is unknown to Clerk" for clerk_id in sorted(times.keys() - known)]
    return law(
        "O3",
        "No local user is unknown to Clerk or there twice",
        breaches=breaches,
        held=f"{len(times)} local rows, each of one user of Clerk",
    )
