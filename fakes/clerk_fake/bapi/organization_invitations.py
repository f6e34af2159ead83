"""Invitations to an organization, to all of them, and of a user."""

from collections.abc import Callable
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection, Owner
from clerk_fake.bapi.listing import Filter, Listing, text_within
from clerk_fake.bapi.organizations import ORGANIZATION
from clerk_fake.bapi.user_reading import called_user
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.organization_invitations.answering import (
    Revocation,
    revoke_organization_invitation,
)
from clerk_fake.model.organization_invitations.entity import (
    OrganizationInvitation,
    OrganizationInvitationStatus,
    invitations_to_address,
)
from clerk_fake.model.organization_invitations.inviting import (
    OrganizationInvitationDraft,
    create_organization_invitation,
    create_organization_invitations,
)
from clerk_fake.model.organization_invitations.resource import (
    ORGANIZATION_INVITATIONS,
    invitation_with_organization,
)
from clerk_fake.model.organizations.resource import ORGANIZATIONS

__all__ = ["ROUTES"]

PATH: Final = "/v1/organizations/{organization_id}/invitations"
MOST_AT_ONCE: Final = 10

COLLECTION: Final = Collection(
    PATH,
    "invitation_id",
    ORGANIZATION_INVITATIONS,
    owner=Owner(ORGANIZATIONS, "organization_id", "organization_id"),
)


def _create_many(call: Call) -> Response:
    organization = ORGANIZATION.called(call)
    items = call.request.items()
    if not items:
        raise ApiError.missing_param("The request body")
    if len(items) > MOST_AT_ONCE:
        raise ApiError.bulk_size_exceeded(MOST_AT_ONCE)
    drafts = [read_form(OrganizationInvitationDraft, item) for item in items]
    made = create_organization_invitations(call.instance, organization, drafts, call.origin)
    rows = [ORGANIZATION_INVITATIONS.resource(call.instance, each) for each in made]
    return json_response({"data": rows, "total_count": len(rows)})


def _list(call: Call) -> Response:
    return _listing(call).answer(call, ORGANIZATION_INVITATIONS, among=_made_by_people(call))


def _list_pending(call: Call) -> Response:
    now = call.now_ms
    among = [invitation for invitation in _made_by_people(call) if invitation.pending_at(now)]
    listing: Listing[OrganizationInvitation] = Listing()
    return listing.answer(call, ORGANIZATION_INVITATIONS, among=among)


def _list_all(call: Call) -> Response:
    return _listing(call).answer(
        call,
        ORGANIZATION_INVITATIONS,
        resource=lambda invitation: invitation_with_organization(call.instance, invitation),
    )


def _list_of_user(call: Call) -> Response:
    user = called_user(call)
    among = [
        invitation
        for email in user.email_addresses
        for invitation in invitations_to_address(call.instance, email.email_address)
    ]
    return _listing(call).answer(
        call,
        ORGANIZATION_INVITATIONS,
        among=among,
        resource=lambda invitation: invitation_with_organization(call.instance, invitation),
    )


def _made_by_people(call: Call) -> list[OrganizationInvitation]:
    organization = ORGANIZATION.called(call)
    table = ORGANIZATION_INVITATIONS.table(call.instance)
    found = table.find("organization_id", organization.id)
    return [invitation for invitation in found if invitation.domain_id is None]


def _listing(call: Call) -> Listing[OrganizationInvitation]:
    return Listing(
        filters={
            "status": _with_status(call.now_ms),
            "email_address": _to_address,
            "query": text_within(lambda invitation: invitation.email_address),
        },
        orders={"email_address": lambda invitation: invitation.email_address},
    )


def _to_address(query: Query, name: str) -> Callable[[OrganizationInvitation], bool] | None:
    wanted = (query.text(name) or "").lower()
    return (lambda invitation: invitation.email_address == wanted) if wanted else None


def _with_status(now_ms: int) -> Filter[OrganizationInvitation]:
    def read(query: Query, name: str) -> Callable[[OrganizationInvitation], bool] | None:
        wanted = frozenset(query.texts(name))
        if not wanted:
            return None
        if not wanted <= set(OrganizationInvitationStatus):
            choices = ", ".join(OrganizationInvitationStatus)
            raise ApiError.bad_value(name, f"one of {choices}")
        return lambda invitation: invitation.status_at(now_ms) in wanted

    return read


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.create_owned(OrganizationInvitationDraft, create_organization_invitation),
    Route("GET", PATH, _list),
    Route("POST", f"{PATH}/bulk", _create_many),
    Route("GET", f"{PATH}/pending", _list_pending),
    COLLECTION.get(),
    COLLECTION.update(Revocation, revoke_organization_invitation, method="POST", suffix="/revoke"),
    Route("GET", "/v1/organization_invitations", _list_all),
    Route("GET", "/v1/users/{user_id}/organization_invitations", _list_of_user),
)
