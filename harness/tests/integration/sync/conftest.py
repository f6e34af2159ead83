"""Fixtures of the service's integration tests: real Postgres and Redis, a database per test."""

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
from running import Processes, run_processes
from svix.webhooks import Webhook
from wire import event

from clerk_harness.clerk import ClerkInstance
from clerk_harness.stack import Stack, Workspace, open_stack
from clerk_sync.app import create_app
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.config import Role, Settings, read_settings
from clerk_sync.migrate import migrate
from clerk_sync.service.apply import Applier
from clerk_sync.states import State
from clerk_sync.store.models import METADATA
from clerk_sync.store.session import connect

OPERATOR = {"Authorization": "Bearer operator-token"}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class ClerkDouble:
    """A Clerk that answers what a test says: users by id, paths, a JWKS; a gate holds answers."""

    url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    jwks: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)
    keys_asked: int = 0
    gate: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str) -> tuple[int, Any]:
        if path == "/v1/jwks":  # whether Clerk's API is there, asked again and again
            return 200, {}
        if path == "/jwks":
            self.keys_asked += 1
            return (200, self.jwks) if self.jwks else (500, {})
        self.asked.append(path)
        self.gate.wait(30)
        found = self.answers.get(path) or self.users.get(path.rpartition("/")[2])
        return (200, found) if found else (404, {"errors": []})


@pytest.fixture
def clerk_double() -> Iterator[ClerkDouble]:
    double = ClerkDouble()
    double.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = double.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        double.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield double
        double.gate.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def workspace() -> Iterator[Workspace]:
    with Workspace.open("clerk_sync tests") as opened:
        yield opened


@pytest.fixture(scope="session")
def stack(workspace: Workspace) -> Stack:
    return open_stack("embedded", workspace)


@pytest.fixture(scope="session")
def migrated_url(stack: Stack) -> str:
    url = stack.postgres.create_database(f"sync_{uuid4().hex}")
    migrate(url)
    return url


@pytest.fixture
def database_url(migrated_url: str) -> str:
    """A migrated database with nothing in it; one serves all tests, emptied for each."""
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        tables = ", ".join(METADATA.tables)
        # The audit log's trigger refuses to be emptied; here it is asleep.
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
    return migrated_url


@pytest.fixture
def env(stack: Stack, database_url: str, clerk_double: ClerkDouble) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": stack.redis.url,
        "CLERK_WEBHOOK_SIGNING_SECRET": SECRET,
        "CLERK_SECRET_KEY": "sk_test_not_a_real_key",
        "CLERK_API_URL": f"{clerk_double.url}/v1",
        "CLERK_JWKS_URL": f"{clerk_double.url}/jwks",
        "CLERK_ISSUER": "https://fake-1.clerk.accounts.dev",
        "CLERK_SYNC_OPERATOR_TOKEN": "operator-token",
        # All tests share an address and a Redis; those of the limits turn them on.
        "CLERK_SYNC_WEBHOOK_RATE": "off",
        "CLERK_SYNC_API_RATE": "off",
        "CLERK_SYNC_FAILURE_RATE": "off",
        "CLERK_SYNC_RETRY_BASE_S": "0.05",
        "CLERK_SYNC_MAX_ATTEMPTS": "3",
    }


@pytest.fixture
def settings(env: dict[str, str]) -> Settings:
    return read_settings(Role.API, env)


@pytest.fixture
def clerk_env(env: dict[str, str], clerk: ClerkInstance) -> dict[str, str]:
    """The service's environment with a real fake Clerk behind it."""
    return (
        env
        | clerk.env()
        | {"CLERK_API_URL": clerk.keys.api_url, "CLERK_WEBHOOK_SIGNING_SECRET": SECRET}
    )


@pytest.fixture
def clerk_settings(clerk_env: dict[str, str]) -> Settings:
    return read_settings(Role.API, clerk_env)


_numbers = count(1)


@pytest.fixture(name="signed")
def _signed() -> Callable[..., dict[str, str]]:
    return signed


def signed(
    body: str, svix_id: str, *, at: float | None = None, secret: str = SECRET
) -> dict[str, str]:
    """Return the headers of a genuine delivery."""
    moment = datetime.fromtimestamp(at, UTC) if at is not None else datetime.now(UTC)
    return {
        "svix-id": svix_id,
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": Webhook(secret).sign(svix_id, moment, body),
        "content-type": "application/json",
    }


@dataclass(frozen=True)
class Service:
    """The service, over HTTP; ``apply`` stands for the worker where no process runs."""

    http: httpx.AsyncClient
    applier: Applier | None = None

    async def post(
        self,
        kind: str,
        clerk_id: str = "user_1",
        version: int = 1000,
        *,
        svix_id: str = "",
        **data: Any,
    ) -> tuple[str, httpx.Response]:
        """Deliver an event as Clerk does; ``version`` is the record's ``updated_at``."""
        return await self.post_whole(event(kind, clerk_id, version, **data), svix_id=svix_id)

    async def post_whole(
        self, whole: dict[str, Any], *, svix_id: str = ""
    ) -> tuple[str, httpx.Response]:
        """Deliver this body as Clerk does."""
        svix_id = svix_id or f"msg_{next(_numbers)}_{uuid4().hex}"
        body = json.dumps(whole)
        headers = signed(body, svix_id)
        return svix_id, await self.http.post("/webhooks/clerk", content=body, headers=headers)

    async def deliver(self, kind: str, *args: Any, **more: Any) -> str:
        """Deliver an event that must be taken."""
        svix_id, answer = await self.post(kind, *args, **more)
        assert answer.status_code == 204, answer.text
        return svix_id

    async def apply(self, svix_id: str) -> State | None:
        assert self.applier is not None
        return await self.applier.apply(svix_id)

    async def process(self, kind: str, *args: Any, **more: Any) -> State | None:
        """Deliver an event and apply it."""
        return await self.apply(await self.deliver(kind, *args, **more))

    async def get(self, path: str) -> Any:
        answer = await self.http.get(path, headers=OPERATOR)
        answer.raise_for_status()
        return answer.json()

    async def user(self, clerk_id: str = "user_1") -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/users/{clerk_id}")
        return found

    async def row(self, svix_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/inbox/{svix_id}")
        return found

    async def effects(self) -> list[tuple[str, str]]:
        return [(one["svix_id"], one["kind"]) for one in (await self.get("/effects"))["data"]]


OpenService = Callable[[Settings], AbstractAsyncContextManager[Service]]


@pytest.fixture(scope="session")
def mortal() -> Iterator[Stack]:
    """A second stack, to be killed without harm to other tests; whoever kills it restarts it."""
    with Workspace.open("clerk_sync fault tests") as workspace:
        yield open_stack("embedded", workspace)


@pytest.fixture
def mortal_env(env: dict[str, str], mortal: Stack) -> dict[str, str]:
    url = mortal.postgres.create_database(f"sync_{uuid4().hex}")
    migrate(url)
    return env | {"DATABASE_URL": url, "REDIS_URL": mortal.redis.url}


@pytest.fixture
def open_service() -> OpenService:
    """Runs the API in this process; several at once if need be."""

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Service]:
        app = create_app(settings)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(app.router.lifespan_context(app))
            engine = connect(settings.database_url, pool_size=5, application="test")
            stack.push_async_callback(engine.dispose)
            http = await stack.enter_async_context(open_http())
            clerk = ClerkApi(
                http, base_url=settings.clerk_api_url, secret_key=settings.clerk_secret_key
            )
            transport = httpx.ASGITransport(app)
            client = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://service", timeout=20)
            )
            yield Service(client, Applier(engine, clerk, settings))

    return opened


@pytest_asyncio.fixture
async def service(settings: Settings, open_service: OpenService) -> AsyncIterator[Service]:
    async with open_service(settings) as opened:
        yield opened


@pytest.fixture
def sign_and_post() -> Callable[..., tuple[str, int]]:
    """Delivers to a service that runs elsewhere; answers the id and the status."""

    def post(
        url: str,
        kind: str,
        clerk_id: str = "user_1",
        version: int = 1000,
        *,
        svix_id: str = "",
        **data: Any,
    ) -> tuple[str, int]:
        svix_id = svix_id or f"msg_{next(_numbers)}_{uuid4().hex}"
        body = json.dumps(event(kind, clerk_id, version, **data))
        headers = signed(body, svix_id)
        answer = httpx.post(f"{url}/webhooks/clerk", content=body, headers=headers, timeout=10)
        return svix_id, answer.status_code

    return post


@pytest.fixture
def processes(
    mortal_env: dict[str, str], sign_and_post: Callable[..., tuple[str, int]]
) -> Iterator[Processes]:
    """The API, a worker and a sweeper on the second stack."""
    with run_processes(mortal_env, sign_and_post) as running:
        yield running
