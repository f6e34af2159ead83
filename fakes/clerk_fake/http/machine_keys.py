"""Which machine calls: the one whose secret key a request carries."""

from collections.abc import Iterator
from typing import Final

from clerk_fake.http.auth import bearer_key
from clerk_fake.http.request import Request
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.model.machines.entity import Machine
from clerk_fake.model.machines.keys import MACHINE_KEY_PREFIX, machine_of_key
from clerk_fake.model.secrets import secret_digest

__all__ = ["MachineKeys"]

MOST_REMEMBERED: Final = 10_000


class MachineKeys:
    """Finds machines by their secret keys.

    A key says nothing of its instance, and machines come and go with resets and snapshots. So all
    instances are asked, first the one where the key was found last.

    Args:
        instances: All of the server.
    """

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._last_found: dict[str, Instance] = {}

    def owner(self, request: Request) -> tuple[Instance, Machine] | None:
        """Return the machine whose key a request carries, and its instance."""
        key = bearer_key(request)
        if not key.startswith(MACHINE_KEY_PREFIX):
            return None
        digest = secret_digest(key)
        for instance in self._candidates(digest):
            machine = machine_of_key(instance, key, digest)
            if machine is not None:
                self._remember(digest, instance)
                return instance, machine
        return None

    def _candidates(self, digest: str) -> Iterator[Instance]:
        last = self._last_found.get(digest)
        if last is not None and last in self._instances:
            yield last
        yield from self._instances

    def _remember(self, digest: str, instance: Instance) -> None:
        if len(self._last_found) >= MOST_REMEMBERED:
            self._last_found.clear()
        self._last_found[digest] = instance
