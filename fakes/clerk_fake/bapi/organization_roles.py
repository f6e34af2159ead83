"""``/v1/organization_roles``: create, list, get, update, delete; what a role gives."""

from collections.abc import Callable
from typing import Final, TypeAlias

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.events.log import Origin
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.roles.commands import (
    RoleChange,
    RoleDraft,
    assign_permission,
    change_role,
    create_role,
    delete_role,
    take_permission,
)
from clerk_fake.model.roles.entity import ROLES, Role
from clerk_fake.model.roles.permissions import PERMISSIONS, Permission

__all__ = ["ROUTES"]

Command: TypeAlias = Callable[[Instance, Role, Permission, Origin], Role]

COLLECTION: Final = Collection("/v1/organization_roles", "organization_role_id", ROLES)
LISTING: Final = Listing(
    filters={
        "query": named_like(lambda role: role.id, lambda role: role.name, lambda role: role.key)
    },
    orders={"name": lambda role: role.name.lower(), "key": lambda role: role.key},
)
GRANT: Final = "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}"


def _grant(command: Command) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        role = COLLECTION.called(call)
        permission = PERMISSIONS.require(call.instance, call.param("permission_id"))
        return COLLECTION.write(call, command(call.instance, role, permission, call.origin))

    return answer


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(LISTING),
    COLLECTION.create(RoleDraft, create_role),
    COLLECTION.get(),
    COLLECTION.update(RoleChange, change_role),
    COLLECTION.delete(delete_role),
    Route("POST", GRANT, _grant(assign_permission)),
    Route("DELETE", GRANT, _grant(take_permission)),
)
