"""``/v1/admin_portal_link_tokens``: create and revoke."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.http.router import Coverage
from clerk_fake.model.admin_portal_link_tokens import (
    LINK_TOKENS,
    LinkTokenDraft,
    create_link_token,
    link_token_with_secret,
    revoke_link_token,
)
from clerk_fake.model.revocation import Revocation

__all__ = ["ROUTES"]

CREATED: Final = 201
COLLECTION: Final = Collection(
    "/v1/admin_portal_link_tokens", "link_token_id", LINK_TOKENS, coverage=Coverage.STORED
)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.create(
        LinkTokenDraft, create_link_token, status=CREATED, resource=link_token_with_secret
    ),
    COLLECTION.update(Revocation, revoke_link_token, method="POST", suffix="/revoke"),
)
