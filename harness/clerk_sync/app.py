"""The ASGI application: makes everything that the routes need."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.types import Receive, Scope, Send

from clerk_sync.api import audit, health, inbox, organizations, records, registration, users
from clerk_sync.api.context import Context, context_of_app
from clerk_sync.api.edge import Edge
from clerk_sync.api.problems import install_problem_handler
from clerk_sync.api.sources import TrustedProxies
from clerk_sync.api.webhooks import WEBHOOK_PATH, webhook_route
from clerk_sync.breaker import Breaker
from clerk_sync.broker import TaskSender, WakeUps, make_celery
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Settings
from clerk_sync.metrics import Metrics
from clerk_sync.service.authenticate import Authenticator
from clerk_sync.service.clerk_watch import ClerkWatch
from clerk_sync.service.examine import Examination
from clerk_sync.service.known_users import KnownUsers
from clerk_sync.service.observe import Observer
from clerk_sync.service.operators import Operators
from clerk_sync.service.provision import Provisioner
from clerk_sync.service.pulse import Pulse
from clerk_sync.service.rates.rates import Rates
from clerk_sync.service.receive import Receiver
from clerk_sync.service.records import Records
from clerk_sync.service.registration import Registration
from clerk_sync.service.round_trip import RoundTrip
from clerk_sync.service.session_tokens import SessionTokens
from clerk_sync.service.signatures import SignatureVerifier
from clerk_sync.service.signing_keys import SigningKeys
from clerk_sync.store.session import connect
from clerk_sync.tracing import open_tracing

__all__ = ["create_app"]

POOL_SIZE = 10
DRAIN_S = 1.0


def create_app(settings: Settings) -> FastAPI:
    """Make the ASGI application.

    Raises:
        ConfigurationError: A signing secret is malformed.
    """
    signatures = SignatureVerifier(settings.webhook_secrets)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.context = await _open_context(settings, signatures, stack)
            yield

    app = _Service(
        settings,
        title="clerk-sync",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    install_problem_handler(app)
    app.router.routes.append(webhook_route)
    for router in (
        users.router,
        organizations.router,
        records.router,
        inbox.router,
        audit.router,
        registration.router,
        health.router,
    ):
        app.include_router(router)
    return app


class _Service(FastAPI):
    """FastAPI within the edge; webhooks pass its layers, which cost more than a commit does, by."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(**options)
        self._edge = Edge(
            self._dispatch,
            proxies=TrustedProxies(settings.trusted_proxies),
            rates=lambda: context_of_app(self).rates,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == WEBHOOK_PATH and scope["method"] == "POST":
            scope["app"] = self
            await webhook_route.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _open_context(
    settings: Settings, signatures: SignatureVerifier, stack: AsyncExitStack
) -> Context:
    """Open what the routes need; the stack closes it, last opened first."""
    engine = connect(settings.database_url, pool_size=POOL_SIZE, application="clerk_sync api")
    stack.push_async_callback(engine.dispose)
    redis = Redis.from_url(
        settings.redis_url,
        socket_connect_timeout=1,
        socket_timeout=6,
        retry=Retry(NoBackoff(), 1),
    )
    stack.push_async_callback(redis.aclose)
    http = await stack.enter_async_context(open_http())
    keys = SigningKeys(http, settings.jwks_url)
    keys.start()
    stack.push_async_callback(keys.close)
    celery = make_celery(settings)
    wake_ups = WakeUps(TaskSender(celery))
    wake_ups.start()
    stack.callback(wake_ups.stop, within_s=DRAIN_S)
    receiver = Receiver(engine, sweep_after_s=settings.sweep_after_s)
    receiver.start()
    stack.push_async_callback(receiver.stop, within_s=DRAIN_S)
    metrics = Metrics()
    rates = Rates(settings, on_refusal=metrics.count_limited)
    rates.start()
    stack.push_async_callback(rates.close)
    breaker = Breaker(failures=settings.breaker_failures, reset_s=settings.breaker_reset_s)
    breaker.on_change = metrics.show_breaker
    clerk = ClerkApi(
        http,
        base_url=settings.clerk_api_url,
        secret_key=settings.clerk_secret_key,
        breaker=breaker,
    )
    watch = ClerkWatch(clerk, keys, again_s=settings.breaker_reset_s)
    provisioner: Provisioner | None = None
    if settings.clerk_secret_key:
        watch.start()
        stack.push_async_callback(watch.stop)
        provisioner = Provisioner(clerk, Records(engine, clerk))
        stack.push_async_callback(provisioner.close)
    switch = Registration(engine, initially_open=settings.registration == "open")
    switch.start()
    stack.push_async_callback(switch.stop)
    pulse = Pulse(engine, metrics, keys_age_s=lambda: keys.age_s)
    pulse.start()
    stack.push_async_callback(pulse.stop)
    round_trip = RoundTrip(TaskSender(celery), redis)
    tracing = open_tracing("api")
    if tracing is not None:
        stack.callback(tracing.close)
    return Context(
        engine=engine,
        signatures=signatures,
        receiver=receiver,
        wake_ups=wake_ups,
        authenticator=Authenticator(
            engine,
            SessionTokens(
                keys,
                issuer=settings.issuer,
                authorized_parties=settings.authorized_parties,
                clock_skew_s=settings.clock_skew_s,
            ),
            known=KnownUsers(max_age_s=settings.known_users_s),
            provisioner=provisioner,
        ),
        observer=Observer(
            engine,
            redis,
            clerk_trouble=lambda: watch.trouble,
            max_age_s=settings.ready_max_age_s,
        ),
        examination=Examination(engine, redis, round_trip, keys=keys, clerk=clerk),
        round_trip=round_trip,
        registration=switch,
        metrics=metrics,
        tracing=tracing,
        operators=Operators(settings.operator_tokens),
        rates=rates,
    )
