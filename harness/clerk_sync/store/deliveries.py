"""The statement that takes deliveries into the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clerk_sync.states import State
from clerk_sync.store.lasting import LastingConnection

__all__ = ["Delivery", "insert_deliveries"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook on its way into the inbox."""

    svix_id: str
    event_type: str
    clerk_id: str | None
    payload: str


_INSERT: Final = """
    INSERT INTO inbox (svix_id, event_type, clerk_id, payload, state, attempts, applications,
                       deliveries, received_at, claimable_at, wake_at, wakes)
    SELECT d.svix_id, d.event_type, d.clerk_id, d.payload, $6, 0, 0, d.deliveries, n.now, n.now,
           n.now + make_interval(secs => $7::double precision), 0
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[])
         AS d(svix_id, event_type, clerk_id, payload, deliveries),
         (SELECT clock_timestamp() AS now) AS n
    ON CONFLICT (svix_id) DO UPDATE SET deliveries = inbox.deliveries + excluded.deliveries
    RETURNING svix_id, xmax = 0 AS fresh
"""


async def insert_deliveries(
    connection: LastingConnection, deliveries: Sequence[Delivery], *, sweep_after_s: float
) -> set[str]:
    """Insert what is new and count what is not; committed when this returns.

    Args:
        connection: Makes the one statement a transaction.
        deliveries: May hold the same id more than once.
        sweep_after_s: Age in seconds at which the sweeper looks after a row.

    Returns:
        The ids that were not in the inbox before.
    """
    counts: dict[str, int] = {}
    first: dict[str, Delivery] = {}
    for delivery in deliveries:
        counts[delivery.svix_id] = counts.get(delivery.svix_id, 0) + 1
        first.setdefault(delivery.svix_id, delivery)
    # Sorted, so that two processes that insert the same ids cannot deadlock.
    rows = [first[svix_id] for svix_id in sorted(first)]
    found = await connection.fetch(
        _INSERT,
        [row.svix_id for row in rows],
        [row.event_type for row in rows],
        [row.clerk_id for row in rows],
        [row.payload for row in rows],
        [counts[row.svix_id] for row in rows],
        State.RECEIVED.value,
        sweep_after_s,
    )
    return {svix_id for svix_id, fresh in found if fresh}
