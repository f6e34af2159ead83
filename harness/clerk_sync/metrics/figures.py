"""What stands in Postgres and is the same whichever process is asked: take ``max``, never ``sum``.

Nothing of it is kept in a process or in its files, so it is not counted twice and is never stale.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

__all__ = ["Figures", "families"]


@dataclass(frozen=True, slots=True)
class Figures:
    """The state of the work.

    Attributes:
        depth: Webhooks with work left.
        dead: Webhooks that were given up.
        oldest_age_s: Age of the oldest webhook with work left, in seconds; 0 without any.
        registrations: Users that were ever welcomed.
        waiting: Users that came while registration was closed and are not let in.
        registration_open: Whether newcomers are let in.
        drift: Kind of difference → how many the last finished reconcile found.
        reconciled_at: When that was, unix seconds; ``None`` for never.
    """

    depth: int
    dead: int
    oldest_age_s: float
    registrations: int
    waiting: int = 0
    registration_open: bool = True
    drift: Mapping[str, int] = field(default_factory=dict)
    reconciled_at: float | None = None


def families(figures: Figures | None) -> Iterator[Metric]:
    """Yield the metrics; without Postgres only that it is gone, for old figures would lie."""
    yield GaugeMetricFamily(
        "clerk_sync_postgres_up",
        "Whether Postgres answered when this was scraped.",
        value=figures is not None,
    )
    if figures is None:
        return
    for name, text, value in (
        ("webhook_inbox_depth", "Webhooks with work left.", figures.depth),
        ("webhook_dead_letters", "Webhooks that were given up.", figures.dead),
        (
            "webhook_oldest_unapplied_seconds",
            "Age of the oldest webhook with work left.",
            figures.oldest_age_s,
        ),
        ("registration_open", "Whether newcomers are let in.", figures.registration_open),
        (
            "registration_waiting_users",
            "Users that came while registration was closed.",
            figures.waiting,
        ),
    ):
        yield GaugeMetricFamily(name, text, value=value)
    yield CounterMetricFamily(
        "user_registrations",
        "Users that were created in Clerk and arrived here.",
        value=figures.registrations,
    )
    drift = GaugeMetricFamily(
        "reconcile_drift_records",
        "Differences that the last finished reconcile found.",
        labels=["kind"],
    )
    for kind, count in sorted(figures.drift.items()):
        drift.add_metric([kind], count)
    yield drift
    if figures.reconciled_at is not None:
        yield GaugeMetricFamily(
            "reconcile_finished_timestamp_seconds",
            "When the last reconcile finished.",
            value=figures.reconciled_at,
        )
