"""What Prometheus reads. One object per process; what other processes did is read from Postgres."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from clerk_sync.breaker import BreakerState

__all__ = ["Metrics"]

PROCESSING_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BREAKER_STATES: Final = tuple(BreakerState)
"""The gauge shows the place in here: 0 closed, 1 half open, 2 open."""


class Metrics:
    """The instruments, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = Counter(
            "webhook_received",
            "Webhooks by event type and by what became of the delivery.",
            ["type", "outcome"],
            registry=self.registry,
        )
        self.authentications = Counter(
            "authentication",
            "Session tokens by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.registrations = Counter(
            "user_registrations",
            "Users that were created in Clerk and arrived here.",
            registry=self.registry,
        )
        self.depth = Gauge(
            "webhook_inbox_depth", "Webhooks with work left.", registry=self.registry
        )
        self.dead = Gauge(
            "webhook_dead_letters", "Webhooks that were given up.", registry=self.registry
        )
        self.oldest = Gauge(
            "webhook_oldest_unapplied_seconds",
            "Age of the oldest webhook with work left.",
            registry=self.registry,
        )
        self.processing = Histogram(
            "webhook_processing_seconds",
            "From a webhook's first commit to its application.",
            buckets=PROCESSING_BUCKETS_S,
            registry=self.registry,
        )

        self.breaker = Gauge(
            "clerk_api_breaker_state",
            "Whether Clerk's Backend API is asked: 0 closed (yes), 1 half open, 2 open (no).",
            registry=self.registry,
        )

    def show_breaker(self, state: BreakerState) -> None:
        """Show whether Clerk's Backend API is asked."""
        self.breaker.set(BREAKER_STATES.index(state))

    def render(self) -> bytes:
        """Return the text exposition."""
        return generate_latest(self.registry)
