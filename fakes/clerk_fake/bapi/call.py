"""What a Backend API handler is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from clerk_fake.events.log import Origin
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance

if TYPE_CHECKING:
    from clerk_fake.model.machines.entity import Machine

__all__ = ["BapiRoute", "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request.

    Attributes:
        request: What was asked.
        instance: Whose secret key was sent, or whose machine's.
        api_version: The dated API version that the client speaks; empty when it does not say.
        machine: Whose secret key was sent; ``None`` when it was the instance's own.
    """

    request: Request
    instance: Instance
    api_version: str = ""
    machine: "Machine | None" = None

    @property
    def origin(self) -> Origin:
        """Who asked, for events."""
        return self.request.origin

    @property
    def now_ms(self) -> int:
        """The instance's time."""
        return self.instance.clock.now_ms()

    def param(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.request.params[name]


BapiRoute: TypeAlias = Route[Callable[[Call], Response]]
