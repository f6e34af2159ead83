"""The application: all faces behind one router."""

from collections.abc import Callable

from clerk_fake.bapi.routes import bapi_routes
from clerk_fake.control.routes import control_routes
from clerk_fake.dashboard.routes import dashboard_routes
from clerk_fake.errors import ApiError, StateError
from clerk_fake.faults.board import Faults
from clerk_fake.http.door import Door
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Router
from clerk_fake.instances import Instances

__all__ = ["build_router"]


def build_router(
    instances: Instances,
    faults: Faults,
    *,
    base_url: str,
    door: Door,
    commit: Callable[[], None] | None = None,
) -> Router:
    """Return the way to every handler of a server.

    Args:
        instances: Whom it serves.
        faults: What goes wrong meanwhile.
        base_url: Where the server is reached.
        door: Looks at who comes to the control plane and the dashboard.
        commit: Writes down what a request changed, before it is answered.
    """
    routes = [
        *bapi_routes(instances),
        *map(door.guarded, control_routes(instances, faults, base_url)),
        *map(door.guarded, dashboard_routes(instances)),
    ]
    if commit is not None:
        routes = [route.answered_by(_committing(route.handler, commit)) for route in routes]
    return Router(routes)


def _committing(handler: Handler, commit: Callable[[], None]) -> Handler:
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        finally:
            try:
                commit()
            except StateError as lost:
                raise ApiError.of(
                    500, "internal_clerk_error", "Internal error", str(lost)
                ) from lost

    return answer
