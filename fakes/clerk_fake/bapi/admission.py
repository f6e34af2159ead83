"""Who gets through to an operation: whoever has a secret key, and is not too fast."""

from collections.abc import Iterable, Iterator

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.versions import api_version
from clerk_fake.http.auth import authenticate
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances
from clerk_fake.limits.rates import rates_of

__all__ = ["admitted"]


def admitted(routes: Iterable[BapiRoute], instances: Instances) -> Iterator[Route[Handler]]:
    """Yield the routes behind the check of the secret key and of the rate."""
    for route in routes:
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
