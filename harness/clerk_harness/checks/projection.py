"""O1: local users are the projection of Clerk's, tombstones included."""

from clerk_harness.checks.observation import Observation, differences
from clerk_harness.checks.wording import law
from clerk_report.evidence import Evidence

__all__ = ["check_projection"]


def check_projection(seen: Observation) -> Evidence:
    """Compare every user of Clerk, and every one that Clerk deleted, with the local row."""
    local = {row.id: row for row in seen.local_rows}
    breaches = [
        difference
        for user in seen.clerk_users.values()
        for difference in differences(user, local.get(user.id))
    ]
    for clerk_id in sorted(seen.deleted):
        row = local.get(clerk_id)
        if row is not None and row.active:
            breaches.append(f"{clerk_id} is deleted in Clerk and active here")
    return law(
        "O1",
        "Local users equal Clerk's, deleted ones are inactive",
        breaches=breaches,
        held=f"{len(seen.clerk_users)} users equal, {len(seen.deleted)} deleted and inactive",
    )
