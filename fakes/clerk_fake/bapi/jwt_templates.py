"""``/v1/jwt_templates``: list, create, get, update, delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, Shape
from clerk_fake.model.jwt_templates.commands import (
    JwtTemplateDraft,
    change_jwt_template,
    create_jwt_template,
)
from clerk_fake.model.jwt_templates.entity import JWT_TEMPLATES

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/jwt_templates", "template_id", JWT_TEMPLATES)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(Listing(shape=Shape.ARRAY)),
    COLLECTION.create(JwtTemplateDraft, create_jwt_template),
    COLLECTION.get(),
    COLLECTION.update(JwtTemplateDraft, change_jwt_template),
    COLLECTION.delete(),
)
