"""All operations of Svix' API that the fake has."""

from collections.abc import Iterator
from typing import Final

from clerk_fake.http.request import Request
from clerk_fake.http.response import Response, empty_response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances
from clerk_fake.svix_api import (
    access,
    applications,
    attempts,
    background_tasks,
    endpoint_extras,
    endpoints,
    event_types,
    messages,
    recovery,
    transformations,
)
from clerk_fake.svix_api.admission import admitted
from clerk_fake.svix_api.call import SvixRoute

__all__ = ["PORTAL_ROUTES", "ROUTES", "svix_routes"]

ROUTES: Final[tuple[SvixRoute, ...]] = (
    *applications.ROUTES,
    *background_tasks.ROUTES,
    *access.ROUTES,
    *messages.ROUTES,
    *attempts.ROUTES,
    *endpoints.routes_of(endpoints.OPERATIONAL),
    *endpoint_extras.ROUTES,
)
"""What the secret key of an instance opens, and nothing else."""

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    *applications.PORTAL_ROUTES,
    *event_types.PORTAL_ROUTES,
    *access.PORTAL_ROUTES,
    *messages.PORTAL_ROUTES,
    *attempts.PORTAL_ROUTES,
    *endpoints.routes_of(endpoints.APP),
    *endpoint_extras.PORTAL_ROUTES,
    *recovery.PORTAL_ROUTES,
    *transformations.PORTAL_ROUTES,
)
"""What a token of the app portal opens, too."""


def svix_routes(instances: Instances) -> Iterator[Route[Handler]]:
    """Yield the routes under ``/api/v1``; whether the server is well may be asked by everybody."""
    yield from admitted(ROUTES, instances, portal=False)
    yield from admitted(PORTAL_ROUTES, instances, portal=True)
    for method in ("GET", "HEAD"):
        yield Route(method, "/api/v1/health", _well)
        yield Route(method, "/api/v1/health/ping", _well)


def _well(_request: Request) -> Response:
    return empty_response()
