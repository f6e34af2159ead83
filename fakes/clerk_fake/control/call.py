"""What a control-plane handler is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from clerk_fake.faults.board import Faults
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances

__all__ = ["ControlCall", "ControlRoute"]


@dataclass(frozen=True, slots=True)
class ControlCall:
    """A request to the control plane.

    Attributes:
        request: What was asked.
        instances: All of the server.
        faults: All that were set.
        base_url: Where the server is reached, without a slash at the end.
    """

    request: Request
    instances: Instances
    faults: Faults
    base_url: str

    @property
    def instance(self) -> Instance:
        """The instance that the path names.

        Raises:
            ApiError: 404, there is none.
        """
        return self.instances.get(self.param("instance_id"))

    def param(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.request.params[name]


ControlRoute: TypeAlias = Route[Callable[[ControlCall], Response]]
