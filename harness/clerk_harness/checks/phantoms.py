"""O3: nobody is there whom Clerk does not know, and nobody is there twice."""

from collections import Counter
from collections.abc import Iterator

from clerk_harness.checks.finding import Breach, Finding, judge_law
from clerk_harness.checks.observation import Observation

__all__ = ["check_phantoms"]


def check_phantoms(seen: Observation) -> Finding | None:
    """Look for rows without a user in Clerk; None when the service cannot list its users."""
    if not seen.complete:
        return None
    return judge_law(
        "O3",
        "No local user is unknown to Clerk or there twice",
        seen,
        breaches=_breaches(seen),
        held=f"local rows, each of one user of Clerk: {len(seen.local_rows)}",
    )


def _breaches(seen: Observation) -> Iterator[Breach]:
    known = seen.clerk_users.keys() | seen.deleted
    for clerk_id, n in Counter(row.id for row in seen.local_rows).items():
        if n > 1:
            yield Breach(clerk_id, f"{clerk_id} has {n} rows")
        if clerk_id not in known:
            yield Breach(clerk_id, f"{clerk_id} is unknown to Clerk")
