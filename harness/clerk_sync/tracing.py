"""Traces, if anybody wants them: one for each webhook, from its arrival to its application.

The trace's id is made from the webhook's ``svix-id``, so that the process that receives and the
one that applies need to tell each other nothing, and whoever has the id finds the trace. Nothing of
it is imported, and nothing is measured, unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set.
"""

import os
import time
from hashlib import sha256
from typing import Any, Final

from clerk_sync.errors import ConfigurationError

__all__ = ["ENDPOINT", "Tracing", "open_tracing", "trace_id_of"]

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"


def trace_id_of(svix_id: str) -> int:
    """Return the id of a webhook's trace, 128 bits."""
    return int.from_bytes(sha256(svix_id.encode()).digest()[:16]) or 1


class Tracing:
    """Records spans; a thread of its own sends them, and drops them when nobody takes them.

    Args:
        provider: Of OpenTelemetry's SDK.
    """

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - optional, see the module

        self._trace = trace
        self._provider = provider
        self._tracer = provider.get_tracer("clerk_sync")

    def record(self, name: str, svix_id: str, *, seconds: float, **attributes: str | int) -> None:
        """Record a span that has just ended.

        Args:
            name: ``webhook.receive`` or ``webhook.apply``.
            svix_id: Which webhook.
            seconds: How long it took.
            attributes: What came of it.
        """
        trace_id = trace_id_of(svix_id)
        root = self._trace.SpanContext(
            trace_id=trace_id,
            span_id=trace_id & (2**64 - 1) or 1,
            is_remote=True,
            trace_flags=self._trace.TraceFlags(self._trace.TraceFlags.SAMPLED),
        )
        ended = time.time_ns()
        span = self._tracer.start_span(
            name,
            context=self._trace.set_span_in_context(self._trace.NonRecordingSpan(root)),
            start_time=ended - round(seconds * 1e9),
            attributes={"webhook.svix_id": svix_id, **attributes},
        )
        span.end(ended)

    def close(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()


def open_tracing(process: str) -> Tracing | None:
    """Begin to trace, if an endpoint is configured.

    Args:
        process: The service's name is ``clerk_sync.<process>``, unless ``OTEL_SERVICE_NAME`` says.

    Raises:
        ConfigurationError: It is wanted, and the extra ``otel`` is not installed.
    """
    if not os.environ.get(ENDPOINT):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - late
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - late
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - late
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - late
    except ImportError as missing:
        raise ConfigurationError(
            f"{ENDPOINT} is set and OpenTelemetry is missing", "install the extra `otel`"
        ) from missing
    name = os.environ.get("OTEL_SERVICE_NAME") or f"clerk_sync.{process}"
    provider = TracerProvider(
        resource=Resource.create({"service.name": name}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=3)))
    return Tracing(provider)
