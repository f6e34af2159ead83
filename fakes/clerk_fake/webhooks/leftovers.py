"""What is still on its way when a server ends."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from clerk_fake.webhooks.outbox import Outbox

__all__ = ["leftovers"]


def leftovers(outboxes: Iterable[Outbox]) -> Counter[str]:
    """Count the deliveries that are pending by where they go: URLs without login and query."""
    pending: Counter[str] = Counter()
    for outbox in outboxes:
        if not outbox.deliveries.pending:
            continue
        by_endpoint: Counter[str] = Counter()
        for delivery in outbox.deliveries:
            if delivery.on_its_way:
                by_endpoint[delivery.endpoint_id] += delivery.on_its_way
        for endpoint_id, count in by_endpoint.items():
            endpoint = outbox.endpoints.get(endpoint_id)
            pending[endpoint_id if endpoint is None else _shown(endpoint.url)] += count
    return pending


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
