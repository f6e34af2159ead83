"""All operations of the control plane."""

from collections.abc import Callable, Iterator
from typing import Final

from clerk_fake.control import (
    clock,
    endpoints,
    images,
    instances,
    limits,
    messages,
    sending,
    settings,
    snapshots,
    tokens,
)
from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances

__all__ = ["control_routes"]

ROUTES: Final[tuple[ControlRoute, ...]] = (
    *instances.ROUTES,
    *images.ROUTES,
    *snapshots.ROUTES,
    *clock.ROUTES,
    *limits.ROUTES,
    *settings.ROUTES,
    *endpoints.ROUTES,
    *messages.ROUTES,
    *sending.ROUTES,
    *tokens.ROUTES,
)


def control_routes(all_instances: Instances, base_url: str) -> Iterator[Route[Handler]]:
    """Yield the routes under ``/__fake__`` and the JWKS of each instance."""
    for route in ROUTES:
        yield route.answered_by(_bound(route.handler, all_instances, base_url))


def _bound(
    handler: Callable[[ControlCall], Response], all_instances: Instances, base_url: str
) -> Handler:
    def answer(request: Request) -> Response:
        return handler(ControlCall(request, all_instances, base_url))

    return answer
