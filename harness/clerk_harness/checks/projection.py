"""O1: local users are the projection of Clerk's, tombstones included."""

from collections.abc import Iterator

from clerk_harness.checks.finding import Breach, Finding, judge_law
from clerk_harness.checks.observation import Observation, differences

__all__ = ["check_projection"]


def check_projection(seen: Observation) -> Finding:
    """Compare every user of Clerk, and every one that Clerk deleted, with the local row."""
    return judge_law(
        "O1",
        "Local users equal Clerk's, deleted ones are inactive",
        seen,
        breaches=_breaches(seen),
        held=f"users equal: {len(seen.clerk_users)}, deleted and inactive: {len(seen.deleted)};"
        f" compared: {_compared(seen)}",
    )


def _breaches(seen: Observation) -> Iterator[Breach]:
    local = {row.id: row for row in seen.local_rows}
    for user in seen.clerk_users.values():
        for difference in differences(user, local.get(user.id)):
            yield Breach(user.id, difference)
    for clerk_id in sorted(seen.deleted):
        row = local.get(clerk_id)
        if row is not None and row.active:
            yield Breach(clerk_id, f"{clerk_id} is deleted in Clerk and active here")


def _compared(seen: Observation) -> str:
    """Name the fields that the target lets us compare."""
    fields = seen.local_rows[0].fields if seen.local_rows else ()
    return ", ".join(fields) or "nothing but their ids"
