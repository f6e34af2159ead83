"""``/v1/role_sets``: create, list, get, update, replace; their roles."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.role_sets.commands import (
    RoleSetChange,
    RoleSetDraft,
    RolesToAdd,
    add_roles,
    change_role_set,
    create_role_set,
)
from clerk_fake.model.role_sets.entity import ROLE_SETS, require_role_set
from clerk_fake.model.role_sets.migration import (
    RoleReplacement,
    RoleSetReplacement,
    replace_role,
    replace_role_set,
)

__all__ = ["ROUTES"]

COLLECTION: Final = Collection(
    "/v1/role_sets", "role_set_key_or_id", ROLE_SETS, find=require_role_set
)
LISTING: Final = Listing(
    filters={
        "query": named_like(
            lambda role_set: role_set.id,
            lambda role_set: role_set.name,
            lambda role_set: role_set.key,
        )
    },
    orders={
        "name": lambda role_set: role_set.name.lower(),
        "key": lambda role_set: role_set.key,
    },
)


def _replace(call: Call) -> Response:
    role_set = COLLECTION.called(call)
    wanted = read_form(RoleSetReplacement, call.request.fields())
    replace_role_set(call.instance, role_set, wanted, call.origin)
    return json_response(ROLE_SETS.tombstone(role_set))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(LISTING),
    COLLECTION.create(RoleSetDraft, create_role_set),
    COLLECTION.get(),
    COLLECTION.update(RoleSetChange, change_role_set),
    Route("POST", "/v1/role_sets/{role_set_key_or_id}/replace", _replace),
    COLLECTION.update(RolesToAdd, add_roles, method="POST", suffix="/roles"),
    COLLECTION.update(RoleReplacement, replace_role, method="POST", suffix="/roles/replace"),
)
