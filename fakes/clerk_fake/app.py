"""The application: all faces behind one router."""

from clerk_fake.bapi.routes import bapi_routes
from clerk_fake.control.routes import control_routes
from clerk_fake.dashboard.routes import dashboard_routes
from clerk_fake.faults.board import Faults
from clerk_fake.http.connection import Transports
from clerk_fake.http.router import Router
from clerk_fake.http.serving import Serving
from clerk_fake.instances import Instances

__all__ = ["build_app"]


def build_app(
    instances: Instances, faults: Faults, *, base_url: str, transports: Transports
) -> Serving:
    """Return the ASGI application of a server.

    Args:
        instances: Whom it serves.
        faults: What goes wrong meanwhile.
        base_url: Where the server is reached.
        transports: Finds its connections.
    """
    router = Router(
        [
            *bapi_routes(instances),
            *control_routes(instances, faults, base_url),
            *dashboard_routes(instances),
        ]
    )
    return Serving(router, seam=faults, transports=transports)
