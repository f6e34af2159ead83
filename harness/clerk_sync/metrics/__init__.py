"""What Prometheus reads: what each process counts itself, and what all of them have in Postgres."""

from clerk_sync.metrics.figures import Figures
from clerk_sync.metrics.instruments import Metrics
from clerk_sync.metrics.sharing import MetricsAddress, share_metrics

__all__ = ["Figures", "Metrics", "MetricsAddress", "share_metrics"]
