"""``/v1/invitations``: create, also in bulk, list, revoke."""

from collections.abc import Callable
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Filter, Listing, Shape, text_within
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.invitations.commands import (
    InvitationDraft,
    create_invitation,
    create_invitations,
    revoke_invitation,
)
from clerk_fake.model.invitations.entity import INVITATIONS, Invitation, InvitationStatus

__all__ = ["ROUTES"]

MOST_AT_ONCE: Final = 10

COLLECTION: Final = Collection("/v1/invitations", "invitation_id", INVITATIONS)


def _list(call: Call) -> Response:
    listing = Listing(
        filters={
            "status": _with_status(call.now_ms),
            "query": text_within(lambda each: each.email_address, lambda each: each.id),
        },
        orders={
            "email_address": lambda invitation: invitation.email_address,
            "expires_at": lambda invitation: invitation.expires_at,
        },
        shape=Shape.ARRAY,
    )
    return listing.answer(call, INVITATIONS)


def _with_status(now_ms: int) -> Filter[Invitation]:
    def read(query: Query, name: str) -> Callable[[Invitation], bool]:
        wanted = query.choice(name, tuple(InvitationStatus))
        if wanted is None:
            return lambda invitation: invitation.status is not InvitationStatus.REVOKED
        return lambda invitation: invitation.status_at(now_ms) == wanted

    return read


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/invitations", _list),
    COLLECTION.create(InvitationDraft, create_invitation),
    COLLECTION.create_many(InvitationDraft, create_invitations, most=MOST_AT_ONCE),
    COLLECTION.act("/revoke", revoke_invitation),
)
