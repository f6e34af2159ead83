"""``/v1/machines``: machines, their secret keys, and whom they may talk to."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection, Owner
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.machines.commands import (
    MachineChange,
    MachineDraft,
    change_machine,
    create_machine,
    delete_machine,
)
from clerk_fake.model.machines.entity import (
    MACHINE_SCOPES,
    MACHINES,
    created_machine_resource,
)
from clerk_fake.model.machines.keys import KeyRotation, rotate_machine_key, secret_key_resource
from clerk_fake.model.machines.scopes import (
    ScopeDraft,
    create_machine_scope,
    delete_machine_scope,
)

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/machines", "machine_id", MACHINES)
SCOPES: Final = Collection(
    "/v1/machines/{machine_id}/scopes",
    "other_machine_id",
    MACHINE_SCOPES,
    Owner(MACHINES, "machine_id", "from_machine_id"),
)


def _secret_key(call: Call) -> Response:
    return json_response(secret_key_resource(call.instance, COLLECTION.called(call)))


def _delete_scope(call: Call) -> Response:
    machine = COLLECTION.called(call)
    other_id = call.param("other_machine_id")
    scope = delete_machine_scope(call.instance, machine, other_id, call.origin)
    tombstone = {
        "object": "machine_scope",
        "from_machine_id": scope.from_machine_id,
        "to_machine_id": scope.to_machine_id,
        "deleted": True,
    }
    return json_response(tombstone)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(
        Listing(
            filters={"query": named_like(lambda machine: machine.id, lambda machine: machine.name)},
            orders={"name": lambda machine: machine.name},
        )
    ),
    COLLECTION.create(MachineDraft, create_machine, resource=created_machine_resource),
    COLLECTION.get(),
    COLLECTION.update(MachineChange, change_machine),
    COLLECTION.delete(delete_machine),
    Route("GET", "/v1/machines/{machine_id}/secret_key", _secret_key),
    COLLECTION.update(
        KeyRotation,
        rotate_machine_key,
        method="POST",
        suffix="/secret_key/rotate",
        resource=secret_key_resource,
    ),
    SCOPES.create_owned(ScopeDraft, create_machine_scope),
    Route("DELETE", "/v1/machines/{machine_id}/scopes/{other_machine_id}", _delete_scope),
)
