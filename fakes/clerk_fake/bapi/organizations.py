"""``/v1/organizations``: create, list, get, update, delete, metadata, logo."""

from collections.abc import Callable, Iterable
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.dated_fields import METADATA_APART, VersionedFields
from clerk_fake.bapi.listing import Filter, Listing, named_like, signed
from clerk_fake.http.forms import form_names, read_form
from clerk_fake.http.multipart import UPLOAD_LIMIT, read_multipart
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import count_members, memberships_of_user
from clerk_fake.model.organizations.changes import (
    OrganizationChange,
    OrganizationMetadata,
    change_organization,
    merge_organization_metadata,
    replace_organization_metadata,
)
from clerk_fake.model.organizations.creation import OrganizationDraft, create_organization
from clerk_fake.model.organizations.deletion import delete_organization
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.logos import delete_logo, set_logo
from clerk_fake.model.organizations.resource import (
    ORGANIZATIONS,
    count_elevated_members,
    organization_resource,
    require_organization,
)

__all__ = ["ORGANIZATION", "ROUTES"]

ORGANIZATION: Final = Collection("/v1/organizations", "organization_id", ORGANIZATIONS)
BY_ID_OR_SLUG: Final = Collection(
    "/v1/organizations", "organization_id", ORGANIZATIONS, find=require_organization
)
LOGO: Final = "/v1/organizations/{organization_id}/logo"
METADATA: Final = form_names(OrganizationMetadata)
UPDATE_FIELDS: Final = VersionedFields(
    form_names(OrganizationChange),
    form_names(OrganizationChange) - METADATA,
    since=METADATA_APART,
)


def _list(call: Call) -> Response:
    instance = call.instance
    listing = Listing(
        filters={
            "query": named_like(
                lambda organization: organization.id,
                lambda organization: organization.name,
                lambda organization: organization.slug,
            ),
            "user_id": _with_members(instance),
            "organization_id": signed(lambda organization: organization.id),
        },
        orders={
            "name": lambda organization: organization.name.lower(),
            "members_count": lambda organization: count_members(instance, organization.id),
        },
    )
    return listing.answer(call, ORGANIZATIONS, resource=_resource(call))


def _get(call: Call) -> Response:
    return json_response(_resource(call)(BY_ID_OR_SLUG.called(call)))


def _update(call: Call) -> Response:
    organization = ORGANIZATION.called(call)
    fields = call.request.fields()
    fields.allow_only(UPDATE_FIELDS.of_version(call.api_version))
    change = read_form(OrganizationChange, fields)
    changed = change_organization(call.instance, organization, change, call.origin)
    return ORGANIZATION.write(call, changed)


def _set_logo(call: Call) -> Response:
    organization = ORGANIZATION.called(call)
    form = read_multipart(call.request)
    form.fields.allow_only({"uploader_user_id"})
    changed = set_logo(call.instance, organization, form.files.get("file"), call.origin)
    resource = organization_resource(call.instance, changed)
    return json_response({**resource, "logo_url": resource["image_url"]})


def _resource(call: Call) -> Callable[[Organization], JsonObject]:
    """Return how an organization is written, with the figures that the query asks for."""
    query = call.request.query()
    instance = call.instance
    counted = query.boolean("include_members_count")
    watched = query.boolean("include_missing_member_with_elevated_permissions")

    def write(organization: Organization) -> JsonObject:
        resource = organization_resource(instance, organization)
        if counted:
            resource["members_count"] = count_members(instance, organization.id)
        if watched:
            missing = count_elevated_members(instance, organization) == 0
            resource["missing_member_with_elevated_permissions"] = missing
        return resource

    return write


def _with_members(instance: Instance) -> Filter[Organization]:
    def read(query: Query, name: str) -> Callable[[Organization], bool] | None:
        members, others = query.signed(name)
        if not members and not others:
            return None
        wanted, unwanted = _organizations_of(instance, members), _organizations_of(instance, others)
        return lambda organization: (
            (not members or organization.id in wanted) and organization.id not in unwanted
        )

    return read


def _organizations_of(instance: Instance, user_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(
        membership.organization_id
        for user_id in user_ids
        for membership in memberships_of_user(instance, user_id)
    )


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/organizations", _list),
    ORGANIZATION.create(OrganizationDraft, create_organization),
    Route("GET", "/v1/organizations/{organization_id}", _get),
    Route("PATCH", "/v1/organizations/{organization_id}", _update),
    ORGANIZATION.delete(delete_organization),
    ORGANIZATION.update(OrganizationMetadata, merge_organization_metadata, suffix="/metadata"),
    ORGANIZATION.update(
        OrganizationMetadata, replace_organization_metadata, method="PUT", suffix="/metadata"
    ),
    Route("PUT", LOGO, _set_logo, UPLOAD_LIMIT),
    ORGANIZATION.act("/logo", delete_logo, method="DELETE"),
)
