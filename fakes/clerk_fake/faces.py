"""All faces of a server. Imported late: the server is ready before it has entered every room."""

from collections.abc import Iterator
from dataclasses import replace

from clerk_fake.bapi.admission import admitted
from clerk_fake.bapi.routes import FOR_MACHINES, PUBLIC_ROUTES, ROUTES, WITHOUT_VERSION
from clerk_fake.control.routes import control_routes
from clerk_fake.dashboard.routes import dashboard_routes
from clerk_fake.faults.board import Faults
from clerk_fake.http.door import Door
from clerk_fake.http.machine_keys import MachineKeys
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances
from clerk_fake.seeding.routes import ROUTES as SEEDING_ROUTES
from clerk_fake.svix_api.routes import svix_routes

__all__ = ["all_routes"]


def all_routes(
    instances: Instances, faults: Faults, *, base_url: str, door: Door
) -> Iterator[Route[Handler]]:
    """Yield every route of a server that is reached at ``base_url``."""
    machine_keys = MachineKeys(instances)
    yield from admitted((route for route in ROUTES if route not in FOR_MACHINES), instances)
    yield from admitted(FOR_MACHINES, instances, machine_keys=machine_keys)
    for route in WITHOUT_VERSION:
        bare = replace(route, path=route.path.removeprefix("/v1"))
        keys = machine_keys if route in FOR_MACHINES else None
        yield from admitted([bare], instances, machine_keys=keys)
    yield from PUBLIC_ROUTES
    yield from svix_routes(instances)
    yield from map(door.guarded, control_routes(instances, faults, base_url, SEEDING_ROUTES))
    yield from map(door.guarded, dashboard_routes(instances))
