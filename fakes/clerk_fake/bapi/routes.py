"""All operations of the Backend API, behind the check of the secret key."""

from collections.abc import Callable, Iterator
from typing import Final

from clerk_fake.bapi import (
    email_addresses,
    jwks,
    redirect_urls,
    sessions,
    user_metadata,
    user_standing,
    users,
)
from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.auth import authenticate
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances

__all__ = ["bapi_routes"]

ROUTES: Final[tuple[BapiRoute, ...]] = (
    *users.ROUTES,
    *user_metadata.ROUTES,
    *user_standing.ROUTES,
    *email_addresses.ROUTES,
    *sessions.ROUTES,
    *jwks.ROUTES,
    *redirect_urls.ROUTES,
)


def bapi_routes(instances: Instances) -> Iterator[Route[Handler]]:
    """Yield the routes under ``/v1``."""
    for route in ROUTES:
        yield route.answered_by(_authenticated(route.handler, instances))


def _authenticated(handler: Callable[[Call], Response], instances: Instances) -> Handler:
    def answer(request: Request) -> Response:
        return handler(Call(request, authenticate(request, instances)))

    return answer
