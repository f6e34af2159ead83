"""Who gets through to an operation: whoever has a secret key, and is not too fast."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.versions import api_version
from clerk_fake.http.auth import authenticate
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances
from clerk_fake.limits.rates import rates_of

if TYPE_CHECKING:
    from clerk_fake.http.machine_keys import MachineKeys

__all__ = ["admitted"]


def admitted(
    routes: Iterable[BapiRoute],
    instances: Instances,
    *,
    machine_keys: "MachineKeys | None" = None,
) -> Iterator[Route[Handler]]:
    """Yield the routes behind the check of the secret key and of the rate.

    Args:
        routes: The operations.
        instances: Whose keys open them.
        machine_keys: Open them, too.
    """
    for route in routes:
        yield route.answered_by(_admitted(route, instances, machine_keys))


def _admitted(
    route: BapiRoute, instances: Instances, machine_keys: "MachineKeys | None"
) -> Handler:
    handler = route.handler
    rates = rates_of(route.method, route.path)

    def answer(request: Request) -> Response:
        owner = None if machine_keys is None else machine_keys.owner(request)
        instance, machine = owner or (authenticate(request, instances), None)
        if instance.limiter is not None:
            instance.limiter.admit(rates, request.params)
        return handler(Call(request, instance, api_version(request), machine))

    return answer
