"""What the routes work with, made once per process by ``clerk_sync.app``."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.types import Scope

from clerk_sync.broker import WakeUps
from clerk_sync.metrics import Metrics
from clerk_sync.service.authenticate import Authenticator
from clerk_sync.service.examine import Examination
from clerk_sync.service.observe import Observer
from clerk_sync.service.operators import Operators
from clerk_sync.service.rates.rates import Rates
from clerk_sync.service.receive import Receiver
from clerk_sync.service.registration import Registration
from clerk_sync.service.round_trip import RoundTrip
from clerk_sync.service.signatures import SignatureVerifier
from clerk_sync.tracing import Tracing

__all__ = ["Context", "context_in", "context_of", "context_of_app"]


@dataclass(frozen=True, slots=True)
class Context:
    """The services behind the routes."""

    engine: AsyncEngine
    signatures: SignatureVerifier
    receiver: Receiver
    wake_ups: WakeUps
    authenticator: Authenticator
    observer: Observer
    examination: Examination
    round_trip: RoundTrip
    registration: Registration
    metrics: Metrics
    tracing: Tracing | None
    operators: Operators
    rates: Rates


def context_of_app(app: Starlette) -> Context:
    """Return the context of an application that runs."""
    context: Context = app.state.context
    return context


def context_of(connection: HTTPConnection) -> Context:
    """Return the context of the application that serves this request."""
    return context_in(connection.scope)


def context_in(scope: Scope) -> Context:
    """Return the context of the application that was called with this scope."""
    return context_of_app(scope["app"])
