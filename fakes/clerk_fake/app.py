"""The application: all faces behind one router."""

from clerk_fake.bapi.routes import bapi_routes
from clerk_fake.control.routes import control_routes
from clerk_fake.dashboard.routes import dashboard_routes
from clerk_fake.http.router import Router
from clerk_fake.http.serving import Serving
from clerk_fake.instances import Instances

__all__ = ["build_app"]


def build_app(instances: Instances, base_url: str) -> Serving:
    """Return the ASGI application of a server that is reached at ``base_url``."""
    router = Router(
        [
            *bapi_routes(instances),
            *control_routes(instances, base_url),
            *dashboard_routes(instances),
        ]
    )
    return Serving(router)
