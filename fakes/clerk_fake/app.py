"""All faces behind one router: the most asked one at once, the others in time."""

from collections.abc import Callable, Iterable, Iterator

from clerk_fake.bapi import user_reading
from clerk_fake.bapi.admission import admitted
from clerk_fake.errors import ApiError, StateError
from clerk_fake.faults.board import Faults
from clerk_fake.http.door import Door
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route, Router
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

    def first() -> Iterator[Route[Handler]]:
        return admitted(user_reading.ROUTES, instances)

    def everything() -> Iterator[Route[Handler]]:
        from clerk_fake.faces import all_routes  # noqa: PLC0415 - half of the start-up time

        return all_routes(instances, faults, base_url=base_url, door=door)

    def committed(routes: Iterable[Route[Handler]]) -> Iterable[Route[Handler]]:
        if commit is None:
            return routes
        return (route.answered_by(_committing(route.handler, commit)) for route in routes)

    return Router(committed(first()), later=lambda: committed(everything()))


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
