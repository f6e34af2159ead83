"""The instruments of one process."""

import importlib.metadata
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clerk_sync.breaker import BreakerState
from clerk_sync.metrics.figures import Figures, families
from clerk_sync.metrics.labels import UNVERIFIED, TypeLabels
from clerk_sync.metrics.sharing import shared_collector

__all__ = ["Metrics"]

PROCESSING_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

BREAKER_STATES: Final = tuple(BreakerState)
"""The gauge shows the place in here: 0 closed, 1 half open, 2 open."""


class Metrics:
    """The instruments, on a registry of their own.

    Gauges say how they are put together when processes share a directory: a live one counts only
    while its process lives.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._types = TypeLabels()
        # Finding a counter by its labels takes longer than counting.
        self._webhook_counters: dict[tuple[str, str], Counter] = {}
        self.webhooks = self._counter(
            "webhook_received",
            "Webhooks by event type and by what became of the delivery.",
            "type",
            "outcome",
        )
        self.handled = self._counter(
            "webhook_handled", "Attempts to apply a webhook by the state it came to.", "state"
        )
        self.processing = Histogram(
            "webhook_processing_seconds",
            "From a webhook's first commit to its application.",
            buckets=PROCESSING_BUCKETS_S,
            registry=self.registry,
        )
        self.authentications = self._counter(
            "authentication", "Session tokens by what became of them.", "outcome"
        )
        self.refusals = self._counter(
            "rate_limit_refused", "Requests that came too often, by what they asked for.", "scope"
        )
        self.wakes = self._counter(
            "sweeper_wakes", "Webhooks that the sweeper woke a worker for, by nobody else noticed."
        )
        self.purged = self._counter("purged_rows", "Old rows that were deleted.", "table")
        self.breaker = self._gauge(
            "clerk_api_breaker_state",
            "Whether Clerk's Backend API is asked: 0 closed (yes), 1 half open, 2 open (no).",
            "livemax",
        )
        self.jwks_age = self._gauge(
            "jwks_age_seconds", "Age of the oldest set of signing keys in use.", "livemax"
        )
        self.pool_size = self._gauge(
            "db_pool_size", "Most connections that the pools may open.", "livesum"
        )
        self.pool_in_use = self._gauge(
            "db_pool_in_use", "Connections that are lent out.", "livesum"
        )
        self.pool_waiters = self._gauge("db_pool_waiters", "Who waits for a connection.", "livesum")

    def show_breaker(self, state: BreakerState) -> None:
        """Show whether Clerk's Backend API is asked."""
        self.breaker.set(BREAKER_STATES.index(state))

    def show_pool(self, *, size: int, in_use: int, waiters: int) -> None:
        """Show how the connections of this process are used."""
        self.pool_size.set(size)
        self.pool_in_use.set(in_use)
        self.pool_waiters.set(waiters)

    def count_webhook(self, event_type: str | None, outcome: str) -> None:
        """Count one delivery.

        Args:
            event_type: As signed by Clerk; ``None`` for what is not.
            outcome: One of our own words, never the sender's.
        """
        label = UNVERIFIED if event_type is None else self._types.of(event_type)
        counter = self._webhook_counters.get((label, outcome))
        if counter is None:
            counter = self.webhooks.labels(label, outcome)
            self._webhook_counters[label, outcome] = counter
        counter.inc()

    def count_limited(self, limit: str) -> None:
        """Count a request that a limit refused."""
        self.refusals.labels(limit).inc()

    def render(self, figures: Figures | None) -> bytes:
        """Return the text exposition: of all processes that share a directory, or of this one.

        Args:
            figures: What stands in Postgres; ``None`` while it cannot be asked.
        """
        exposed = CollectorRegistry()
        exposed.register(shared_collector() or _Own(self.registry))
        exposed.register(_Facts(figures))
        return generate_latest(exposed)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, together: str) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode=together)  # type: ignore[arg-type]  # the literals are not exported


class _Own(Collector):
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        return self._registry.collect()


class _Facts(Collector):
    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from families(self._figures)
        build = GaugeMetricFamily(
            "clerk_sync_build_info", "The version that runs.", labels=["version"]
        )
        build.add_metric([_version()], 1)
        yield build


def _version() -> str:
    try:
        return importlib.metadata.version("clerk-harness")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
