"""``/v1/redirect_urls``: create, list, get, delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, Shape
from clerk_fake.model.redirect_urls import REDIRECT_URLS, RedirectUrlDraft, create_redirect_url

__all__ = ["ROUTES"]

COLLECTION: Final = Collection("/v1/redirect_urls", "redirect_url_id", REDIRECT_URLS)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(Listing(shape=Shape.ARRAY)),
    COLLECTION.create(RedirectUrlDraft, create_redirect_url),
    COLLECTION.get(),
    COLLECTION.delete(),
)
