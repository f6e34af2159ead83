"""All operations of the Backend API, behind the check of the secret key and of the rate."""

from collections.abc import Iterator
from typing import Final

from clerk_fake.bapi import (
    billing,
    billing_of_payers,
    email_addresses,
    instance_settings,
    invitations,
    jwks,
    listed_identifiers,
    redirect_urls,
    sessions,
    user_images,
    user_metadata,
    user_standing,
    users,
)
from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.versions import api_version
from clerk_fake.http.auth import authenticate
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances
from clerk_fake.limits.rates import rates_of

__all__ = ["bapi_routes"]

ROUTES: Final[tuple[BapiRoute, ...]] = (
    *users.ROUTES,
    *user_images.ROUTES,
    *user_metadata.ROUTES,
    *user_standing.ROUTES,
    *email_addresses.ROUTES,
    *sessions.ROUTES,
    *jwks.ROUTES,
    *billing.ROUTES,
    *billing_of_payers.ROUTES,
    *redirect_urls.ROUTES,
    *instance_settings.ROUTES,
    *invitations.ROUTES,
    *listed_identifiers.ROUTES,
)


def bapi_routes(instances: Instances) -> Iterator[Route[Handler]]:
    """Yield the routes under ``/v1``."""
    for route in ROUTES:
        yield route.answered_by(_admitted(route, instances))


def _admitted(route: BapiRoute, instances: Instances) -> Handler:
    handler = route.handler
    rates = rates_of(route.method, route.path)

    def answer(request: Request) -> Response:
        instance = authenticate(request, instances)
        if instance.limiter is not None:
            instance.limiter.admit(rates, request.params)
        return handler(Call(request, instance, api_version(request)))

    return answer
