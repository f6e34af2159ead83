"""Memberships: of an organization, of a user, and all of an instance."""

from collections.abc import Callable
from typing import Any, Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.listing import Filter, Listing, one_of
from clerk_fake.bapi.organizations import ORGANIZATION
from clerk_fake.bapi.user_filters import read_filter
from clerk_fake.bapi.user_reading import called_user
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.changes import (
    MembershipChange,
    MembershipMetadata,
    change_membership,
    merge_membership_metadata,
)
from clerk_fake.model.memberships.entity import (
    Membership,
    memberships_of_organization,
    memberships_of_user,
)
from clerk_fake.model.memberships.joining import MembershipDraft, create_membership
from clerk_fake.model.memberships.leaving import delete_membership
from clerk_fake.model.memberships.resource import (
    MEMBERSHIPS,
    membership_resource,
    require_membership,
    role_of,
)
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.search import ORDERS

__all__ = ["ROUTES"]

PATH: Final = "/v1/organizations/{organization_id}/memberships"
ORDERED_BY: Final = ("phone_number", "email_address", "first_name", "last_name", "username")


def _create(call: Call) -> Response:
    organization = ORGANIZATION.called(call)
    draft = read_form(MembershipDraft, call.request.fields())
    return _answer(call, create_membership(call.instance, organization, draft, call.origin))


def _list(call: Call) -> Response:
    instance = call.instance
    among = memberships_of_organization(instance, ORGANIZATION.called(call).id)
    wanted = read_filter(call.request.query())
    if not wanted.lets_all_through:
        users = instance.state.of(USERS)
        among = [
            membership
            for membership in among
            if (user := users.get(membership.user_id)) is not None and wanted.passes(user)
        ]
    role: Filter[Membership] = one_of(lambda membership: role_of(instance, membership).key)
    listing = Listing(filters={"role": role}, orders=_orders(instance))
    return listing.answer(call, MEMBERSHIPS, among=among)


def _list_all(call: Call) -> Response:
    return Listing(orders=_orders(call.instance)).answer(call, MEMBERSHIPS)


def _list_of_user(call: Call) -> Response:
    among = memberships_of_user(call.instance, called_user(call).id)
    listing: Listing[Membership] = Listing()
    return listing.answer(call, MEMBERSHIPS, among=among)


def _update(call: Call) -> Response:
    membership = _called(call)
    change = read_form(MembershipChange, call.request.fields())
    return _answer(call, change_membership(call.instance, membership, change, call.origin))


def _merge_metadata(call: Call) -> Response:
    membership = _called(call)
    change = read_form(MembershipMetadata, call.request.fields())
    changed = merge_membership_metadata(call.instance, membership, change, call.origin)
    return _answer(call, changed)


def _delete(call: Call) -> Response:
    organization, membership = ORGANIZATION.called(call), _called(call)
    last = membership_resource(call.instance, membership)
    delete_membership(call.instance, organization, membership, call.origin)
    return json_response(last)


def _called(call: Call) -> Membership:
    return require_membership(call.instance, ORGANIZATION.called(call), call.param("user_id"))


def _answer(call: Call, membership: Membership) -> Response:
    return json_response(membership_resource(call.instance, membership))


def _orders(instance: Instance) -> dict[str, Callable[[Membership], Any]]:
    users = instance.state.of(USERS)

    def by(compared: Callable[[User], Any]) -> Callable[[Membership], Any]:
        def key(membership: Membership) -> Any:
            user = users.get(membership.user_id)
            return None if user is None else compared(user)

        return key

    return {name: by(ORDERS[name]) for name in ORDERED_BY}


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", PATH, _create),
    Route("GET", PATH, _list),
    Route("PATCH", f"{PATH}/{{user_id}}", _update),
    Route("DELETE", f"{PATH}/{{user_id}}", _delete),
    Route("PATCH", f"{PATH}/{{user_id}}/metadata", _merge_metadata),
    Route("GET", "/v1/organization_memberships", _list_all),
    Route("GET", "/v1/users/{user_id}/organization_memberships", _list_of_user),
)
