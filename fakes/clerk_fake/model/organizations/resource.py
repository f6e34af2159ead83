"""An organization as back ends see it: the Backend API's answer and the webhook payload alike."""

from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.images import image_url
from clerk_fake.model.memberships.entity import count_members_in_role
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN, Organization
from clerk_fake.model.records import Kind, Telling
from clerk_fake.model.role_sets.entity import ROLE_SETS
from clerk_fake.model.roles.entity import ROLES, eligible_for_creators

__all__ = [
    "ORGANIZATIONS",
    "count_elevated_members",
    "organization_resource",
    "public_organization_data",
    "require_organization",
]


def organization_resource(instance: Instance, organization: Organization) -> JsonObject:
    """Return the organization as Clerk writes it."""
    role_set = ROLE_SETS.table(instance).get(organization.role_set_id)
    resource: JsonObject = {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "image_url": image_url(instance.home_url, organization.image_id),
        "has_image": organization.image_id is not None,
        "max_allowed_memberships": organization.max_allowed_memberships,
        "admin_delete_enabled": organization.admin_delete_enabled,
        "public_metadata": organization.public_metadata,
        "private_metadata": organization.private_metadata,
        "created_at": organization.created_at,
        "updated_at": organization.updated_at,
        "role_set_key": None if role_set is None else role_set.key,
    }
    if organization.created_by is not None:
        resource["created_by"] = organization.created_by
    if organization.last_active_at is not None:
        resource["last_active_at"] = organization.last_active_at
    return resource


def public_organization_data(instance: Instance, organization: Organization) -> JsonObject:
    """Return what is told of an organization to those who are not in it."""
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "image_url": image_url(instance.home_url, organization.image_id),
        "has_image": organization.image_id is not None,
    }


def count_elevated_members(instance: Instance, organization: Organization) -> int:
    """Return how many members can do what creators can; costs the same however many there are."""
    return sum(
        count_members_in_role(instance, (organization.id,), role.id)
        for role in ROLES.table(instance).oldest_first()
        if eligible_for_creators(instance, role)
    )


ORGANIZATIONS: Final = Kind(
    ORGANIZATION_NOUN,
    what="organization",
    prefix="org",
    wire_name="organization",
    resource=organization_resource,
    telling=Telling("organization.created", "organization.updated", "organization.deleted"),
    also_deleted=lambda organization: {"slug": organization.slug},
)


def require_organization(instance: Instance, id_or_slug: str) -> Organization:
    """Return the organization with this id or this slug.

    Raises:
        ApiError: 404, there is none.
    """
    table = ORGANIZATIONS.table(instance)
    organization = table.get(id_or_slug)
    if organization is not None:
        return organization
    by_slug = table.find("slug", id_or_slug)
    if not by_slug:
        raise ApiError.not_found("organization", id_or_slug)
    return by_slug[0]
