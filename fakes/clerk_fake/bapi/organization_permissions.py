"""``/v1/organization_permissions``: create, list, get, update, delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, named_like
from clerk_fake.model.roles.permission_commands import (
    PermissionChange,
    PermissionDraft,
    change_permission,
    create_permission,
    delete_permission,
)
from clerk_fake.model.roles.permissions import PERMISSIONS

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/organization_permissions", "permission_id", PERMISSIONS)
LISTING: Final = Listing(
    filters={
        "query": named_like(
            lambda permission: permission.id,
            lambda permission: permission.name,
            lambda permission: permission.key,
        )
    },
    orders={
        "name": lambda permission: permission.name.lower(),
        "key": lambda permission: permission.key,
    },
)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(LISTING),
    COLLECTION.create(PermissionDraft, create_permission),
    COLLECTION.get(),
    COLLECTION.update(PermissionChange, change_permission),
    COLLECTION.delete(delete_permission),
)
