"""The pytest plugin: a Clerk of one's own in every test.

Fixtures are named ``clerk…``, options ``--clerk-…``. Nothing heavy is imported until a fixture is
used, so a suite that has the plugin installed and does not use it pays nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clerk_harness.chaos.laboratory import Laboratory
    from clerk_harness.clerk import ClerkInstance, ClerkServer
    from clerk_harness.clerk.delivery_faults import DeliveryFaults
    from clerk_harness.factories import Factories
    from clerk_harness.opening import Surroundings
    from clerk_harness.stack import Stack, Workspace
    from clerk_harness.target import Deployment
    from clerk_harness.webhooks import Webhooks

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the harness."""
    group = parser.getgroup("clerk", "a Clerk of one's own (clerk-harness)")
    group.addoption(
        "--clerk-target",
        type=Path,
        metavar="FILE",
        help="target file of the service under test; the reference service when left out",
    )
    group.addoption(
        "--clerk-stack",
        choices=("embedded", "external", "docker"),
        default="embedded",
        help="where Postgres and Redis come from (default: %(default)s)",
    )
    group.addoption("--clerk-postgres-url", metavar="URL", help="for --clerk-stack external")
    group.addoption("--clerk-redis-url", metavar="URL", help="for --clerk-stack external")
    group.addoption(
        "--clerk-seed", type=int, default=1, help="repeats what is drawn (default: %(default)s)"
    )


@pytest.fixture(scope="session")
def clerk_workspace() -> Iterator[Workspace]:
    """Own everything that the fixtures start; nothing of it outlives the test run."""
    from clerk_harness.stack import Workspace  # noqa: PLC0415 - not before it is used

    with Workspace.open("pytest") as workspace:
        yield workspace


@pytest.fixture(scope="session")
def clerk_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClerkServer]:
    """Start one fake Clerk for the whole run, shared by all workers of xdist."""
    if not hasattr(request.config, "workerinput"):
        from clerk_harness.clerk import ClerkServer  # noqa: PLC0415 - not before it is used

        server = ClerkServer.start(request.getfixturevalue("clerk_workspace"))
    else:
        from clerk_harness.clerk.shared import shared_server  # noqa: PLC0415 - the same

        server = shared_server(tmp_path_factory.getbasetemp().parent)
    yield server
    server.close()


@pytest.fixture
def clerk(clerk_server: ClerkServer) -> Iterator[ClerkInstance]:
    """Make an instance of the test's own: users, sessions, tokens, messages, clock."""
    instance = clerk_server.new_instance()
    yield instance
    instance.remove()


@pytest.fixture
def clerk_webhooks(clerk: ClerkInstance) -> Iterator[Webhooks]:
    """Deliver the instance's webhooks to a URL, or to an ASGI or WSGI app of the test's."""
    from clerk_harness.webhooks import Webhooks  # noqa: PLC0415 - not before it is used

    with Webhooks(clerk) as webhooks:
        yield webhooks


@pytest.fixture
def clerk_deliveries(clerk: ClerkInstance) -> DeliveryFaults:
    """Let deliveries of the instance go wrong; what took no effect fails the test."""
    return clerk.delivery_faults


@pytest.fixture
def clerk_factories(request: pytest.FixtureRequest, clerk: ClerkInstance) -> Iterator[Factories]:
    """Make users, organizations, sessions and events of the instance: the same in every run."""
    from clerk_harness.factories import Factories  # noqa: PLC0415 - needs an extra

    with Factories.seeded(clerk, request.config.getoption("clerk_seed")) as factories:
        yield factories


@pytest.fixture(scope="session")
def clerk_stack(request: pytest.FixtureRequest, clerk_workspace: Workspace) -> Stack:
    """Start a real Postgres and a real Redis; one pair per worker of xdist."""
    return _surroundings(request.config).open(clerk_workspace)


@pytest.fixture(scope="session")
def clerk_target(
    request: pytest.FixtureRequest, clerk_server: ClerkServer, clerk_workspace: Workspace
) -> Iterator[Deployment]:
    """Start the service of ``--clerk-target``, or the reference service, with all it needs."""
    from clerk_harness.reference import reference_target  # noqa: PLC0415 - not before it is used
    from clerk_harness.target import Deployment, read_target  # noqa: PLC0415 - the same

    path: Path | None = request.config.getoption("clerk_target")
    spec = reference_target() if path is None else read_target(path)
    stack = request.getfixturevalue("clerk_stack") if spec.leans_on else None
    deployment = Deployment.start(spec, workspace=clerk_workspace, server=clerk_server, stack=stack)
    yield deployment
    deployment.stop()


@pytest.fixture
def clerk_chaos(request: pytest.FixtureRequest, clerk_target: Deployment) -> Laboratory:
    """Kill what ``clerk_target`` leans on, heal it, and let the oracle judge."""
    from clerk_harness.chaos.laboratory import Laboratory  # noqa: PLC0415 - not before it is used

    return Laboratory(clerk_target, seed=request.config.getoption("clerk_seed"))


def _surroundings(config: pytest.Config) -> Surroundings:
    from clerk_harness.opening import Surroundings  # noqa: PLC0415 - not before it is used

    return Surroundings(
        config.getoption("clerk_stack"),
        config.getoption("clerk_postgres_url"),
        config.getoption("clerk_redis_url"),
    )
