"""Traces are optional: without an endpoint nothing is imported, with one both ends meet in it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.service.apply import Applier
from clerk_sync.store.session import connect
from clerk_sync.tracing import open_tracing, trace_id_of


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int, str]]]:
    """What a collector was sent: span, trace, service."""
    spans: list[tuple[str, int, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip  # noqa: PLC0415 - only then

                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = {one.key: one.value.string_value for one in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        trace = int.from_bytes(span.trace_id)
                        spans.append((span.name, trace, names["service.name"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield spans
        server.shutdown()
        thread.join()


@pytest.mark.asyncio
async def test_a_webhook_is_one_trace_from_its_arrival_to_its_application(
    settings: Settings, open_service: Any, collected: list[tuple[str, int, str]]
) -> None:
    async with open_service(settings) as service:
        svix_id = await service.deliver("user.created")
        tracing = open_tracing("worker")
        assert tracing is not None
        engine = connect(settings.database_url, pool_size=1, application="test")
        async with open_http() as http:
            clerk = ClerkApi(http, base_url=settings.clerk_api_url, secret_key="sk_test_key")
            assert await Applier(engine, clerk, settings, tracing=tracing).apply(svix_id)
        await engine.dispose()
        tracing.close()
    trace = trace_id_of(svix_id)
    assert sorted(collected) == [
        ("webhook.apply", trace, "clerk_sync.worker"),
        ("webhook.receive", trace, "clerk_sync.api"),
    ]


def test_without_an_endpoint_nothing_of_it_is_imported() -> None:
    script = """
import sys
import clerk_sync.app, clerk_sync.tasks
from clerk_sync.tracing import open_tracing
assert open_tracing("api") is None
# FastAPI imports the API and redis the SDK of metrics, wherever they are installed.
ours = ("opentelemetry.sdk.trace.export", "opentelemetry.exporter")
assert not [name for name in sys.modules if name.startswith(ours)]
"""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    subprocess.run([sys.executable, "-c", script], env=env, check=True, timeout=60)
