"""Open everything that a service under test needs, in parallel where it can be."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clerk_harness.clerk import ClerkServer
from clerk_harness.stack import Stack, StackMode, Workspace, open_stack
from clerk_harness.target import Deployment, TargetSpec

__all__ = ["Surroundings", "open_deployment"]


@dataclass(frozen=True)
class Surroundings:
    """Where a target's database and broker come from.

    Attributes:
        mode: ``embedded``, ``external`` or ``docker``.
        postgres_url: For ``external``.
        redis_url: For ``external``.
        clerk_port: Loopback port of the fake; 0 takes a free one.
    """

    mode: StackMode = "embedded"
    postgres_url: str | None = None
    redis_url: str | None = None
    clerk_port: int = 0

    def open(self, workspace: Workspace) -> Stack:
        """Start them.

        Raises:
            HarnessError: One does not come up.
        """
        return open_stack(
            self.mode, workspace, postgres_url=self.postgres_url, redis_url=self.redis_url
        )


def open_deployment(
    target: TargetSpec, surroundings: Surroundings, workspace: Workspace
) -> Deployment:
    """Start the fake, the stack that the target leans on, and the target.

    Raises:
        HarnessError: Something does not come up; names it, its last words and the remedy.
    """
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="clerk-open") as side_by_side:
        server = side_by_side.submit(ClerkServer.start, workspace, port=surroundings.clerk_port)
        stack = side_by_side.submit(surroundings.open, workspace) if target.leans_on else None
    return Deployment.start(
        target,
        workspace=workspace,
        server=server.result(),
        stack=None if stack is None else stack.result(),
    )
