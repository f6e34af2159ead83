"""One fake for all workers of pytest-xdist: whoever needs it first starts it for everybody."""

import fcntl
import os
from pathlib import Path

from clerk_harness.clerk.server import ClerkServer
from clerk_harness.stack import Workspace

__all__ = ["shared_server"]


def shared_server(meeting_place: Path) -> ClerkServer:
    """Find the server that another worker has started, or start it.

    It lives as long as the controller, which is every worker's parent: the worker that started it
    may well be done before the others.

    Args:
        meeting_place: A folder that the workers of this run share, and no other run's.

    Raises:
        StackError: It did not come up.
    """
    address = meeting_place / "clerk-server-url"
    with (meeting_place / "clerk-server-lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if address.exists():
            return ClerkServer(address.read_text("utf-8"))
        with Workspace.open("pytest, shared", owner_pid=os.getppid()) as workspace:
            server = ClerkServer.start(workspace)
        address.write_text(server.url, "utf-8")
        return server
