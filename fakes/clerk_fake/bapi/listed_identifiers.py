"""``/v1/allowlist_identifiers`` and ``/v1/blocklist_identifiers``: list, create, delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, Shape
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.restrictions.lists import (
    ALLOWLIST,
    BLOCKLIST,
    AllowlistDraft,
    BlocklistDraft,
    allow_identifier,
    block_identifier,
)

__all__ = ["ROUTES"]

ALLOWED: Final = Collection("/v1/allowlist_identifiers", "identifier_id", ALLOWLIST)
BLOCKED: Final = Collection("/v1/blocklist_identifiers", "identifier_id", BLOCKLIST)


def _list_blocked(call: Call) -> Response:
    """Answer with all of them: this operation has no pages."""
    blocked = BLOCKLIST.table(call.instance).newest_first()
    rows = [BLOCKLIST.resource(call.instance, each) for each in blocked]
    return json_response({"data": rows, "total_count": len(rows)})


ROUTES: Final[tuple[BapiRoute, ...]] = (
    ALLOWED.list(Listing(shape=Shape.ARRAY)),
    ALLOWED.create(AllowlistDraft, allow_identifier),
    ALLOWED.delete(),
    Route("GET", BLOCKED.path, _list_blocked),
    BLOCKED.create(BlocklistDraft, block_identifier),
    BLOCKED.delete(),
)
