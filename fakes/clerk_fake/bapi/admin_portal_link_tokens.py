"""``/v1/admin_portal_link_tokens``: create and revoke."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.token_service import token_service
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
    "/v1/admin_portal_link_tokens",
    "adminPortalLinkTokenID",
    LINK_TOKENS,
    coverage=Coverage.STORED,
)
ID: Final = {"adminPortalLinkTokenID": "aplt_[0-9A-Fa-f]{32}"}

ROUTES: Final[tuple[BapiRoute, ...]] = (
    token_service(
        COLLECTION.create(
            LinkTokenDraft, create_link_token, status=CREATED, resource=link_token_with_secret
        )
    ),
    token_service(
        COLLECTION.update(Revocation, revoke_link_token, method="POST", suffix="/revoke"), ID
    ),
)
