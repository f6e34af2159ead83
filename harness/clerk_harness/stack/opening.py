"""Opening a stack: Postgres and Redis of one kind, started together."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack.external import ExternalPostgres, ExternalRedis
from clerk_harness.stack.postgres import Postgres
from clerk_harness.stack.redis import Redis
from clerk_harness.stack.services import BackingService, DatabaseService, StackMode
from clerk_harness.stack.workspace import Workspace

__all__ = ["Stack", "open_stack"]


@dataclass(frozen=True, slots=True)
class Stack:
    """The backing services of one run.

    Attributes:
        postgres: PostgreSQL with the database ``clerk_sync``.
        redis: Redis or Valkey.
        mode: Where they run.
    """

    postgres: DatabaseService
    redis: BackingService
    mode: StackMode


def open_stack(
    mode: StackMode,
    workspace: Workspace,
    *,
    postgres_url: str | None = None,
    redis_url: str | None = None,
) -> Stack:
    """Start both services at once and return them healthy; they end with the workspace.

    Args:
        mode: ``embedded`` (processes of ours), ``docker`` (containers of ours) or ``external``
            (somebody else's, by URL).
        workspace: The run they belong to.
        postgres_url: For ``external`` only.
        redis_url: For ``external`` only.

    Raises:
        ConfigurationError: The mode is unknown, or the URLs do not go with it.
        StackError: A service does not come up.
    """
    if mode not in get_args(StackMode):
        raise ConfigurationError(
            f"{mode!r} is no kind of stack", f"choose {', '.join(get_args(StackMode))}"
        )
    stack = _stack(mode, workspace, postgres_url, redis_url)
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="clerk-stack") as both:
        starts = [both.submit(service.start) for service in (stack.postgres, stack.redis)]
    for start in starts:
        start.result()
    return stack


def _stack(
    mode: StackMode, workspace: Workspace, postgres_url: str | None, redis_url: str | None
) -> Stack:
    if mode == "external":
        if not postgres_url or not redis_url:
            raise ConfigurationError(
                "an external stack takes both a Postgres URL and a Redis URL",
                "give both, or use the embedded stack",
            )
        return Stack(ExternalPostgres(postgres_url), ExternalRedis(redis_url), mode)
    if postgres_url or redis_url:
        raise ConfigurationError(
            f"a URL was given, but the {mode} stack starts services of its own",
            "choose the external stack, or leave the URLs out",
        )
    if mode == "docker":
        from clerk_harness.stack.docker import DockerPostgres, DockerRedis  # noqa: PLC0415 - rare

        return Stack(DockerPostgres(workspace), DockerRedis(workspace), mode)
    return Stack(Postgres(workspace), Redis(workspace), mode)
