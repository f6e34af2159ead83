"""Start the fake as a process of its own, or talk to one that runs already."""

import sys

import orjson

from clerk_harness.clerk.instance import ClerkInstance, InstanceKeys
from clerk_harness.clerk.wire import Wire
from clerk_harness.stack import Command, Workspace

__all__ = ["ClerkServer"]

_READY_WITHIN_S = 15


class ClerkServer:
    """One fake Clerk, with room for thousands of instances.

    Attributes:
        url: Where it listens, without a path.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = Wire(f"{url}/__fake__")

    @classmethod
    def start(cls, workspace: Workspace, *, port: int = 0) -> "ClerkServer":
        """Start it in a workspace, which also ends it.

        Args:
            workspace: Owns the process.
            port: Loopback port; 0 takes a free one.

        Raises:
            StackError: It did not come up.
        """
        argv = (sys.executable, "-m", "clerk_fake", "--port", str(port))
        process = workspace.spawn(Command(name="clerk", argv=argv))
        ready = orjson.loads(process.wait_for_line(within=_READY_WITHIN_S, starts_with="{"))
        return cls(ready["url"])

    def new_instance(self, *, seed: int | None = None, **keys: str) -> ClerkInstance:
        """Make an instance; the caller removes it, or leaves it to the end of the server.

        Args:
            seed: Makes the ids inside it repeatable.
            **keys: ``secret_key``, ``publishable_key`` or ``webhook_secret``, where they are fixed.

        Raises:
            ClerkRefusedError: A key is taken, or looks like a real one.
        """
        made = self._control.call("POST", "/instances", {**keys, "seed": seed})
        return ClerkInstance(self.url, InstanceKeys.from_wire(made))

    def instances(self) -> list[InstanceKeys]:
        """Return the keys of all instances, in the order in which they were made."""
        listed = self._control.call("GET", "/instances")["data"]
        return [InstanceKeys.from_wire(each) for each in listed]

    def open(self, keys: InstanceKeys) -> ClerkInstance:
        """Return an instance that is there already; the caller closes it."""
        return ClerkInstance(self.url, keys)

    def close(self) -> None:
        """Close the connection; the process belongs to its workspace."""
        self._control.close()
