"""``/dashboard`` lists the instances, ``/dashboard/{instance_id}`` shows one."""

from collections.abc import Iterator

from clerk_fake.dashboard.pages import index_page, instance_page
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response, html_response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances

__all__ = ["dashboard_routes"]


def dashboard_routes(instances: Instances) -> Iterator[Route[Handler]]:
    """Yield the routes of the dashboard."""

    def index(_request: Request) -> Response:
        return html_response(index_page(instances))

    def one(request: Request) -> Response:
        return html_response(instance_page(instances.get(request.params["instance_id"])))

    yield Route("GET", "/", index)
    yield Route("GET", "/dashboard", index)
    yield Route("GET", "/dashboard/{instance_id}", one)
