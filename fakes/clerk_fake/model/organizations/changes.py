"""What may become of an organization."""

from dataclasses import dataclass
from typing import Annotated, Any

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.memberships.entity import memberships_of_organization
from clerk_fake.model.metadata import check_metadata, merge_metadata
from clerk_fake.model.organizations.creation import MOST_MEMBERSHIPS
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.naming import check_name, check_slug
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.role_sets.entity import RoleSet, role_set_of_key
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "OrganizationChange",
    "OrganizationMetadata",
    "change_organization",
    "merge_organization_metadata",
    "replace_organization_metadata",
]


@dataclass(frozen=True, slots=True)
class OrganizationMetadata:
    """What ``PATCH`` and ``PUT`` on ``…/metadata`` take; what is ``UNSET`` stays."""

    public_metadata: JsonObject | Unset = UNSET
    private_metadata: JsonObject | Unset = UNSET


@dataclass(frozen=True, slots=True)
class OrganizationChange:
    """What ``PATCH /v1/organizations/{organization_id}`` takes.

    Attributes:
        public_metadata: Replaced; only before API version 2026-05-12.
        private_metadata: The same.
    """

    name: str | Unset = UNSET
    slug: str | Unset = UNSET
    max_allowed_memberships: Annotated[int, Between(0, MOST_MEMBERSHIPS)] | Unset = UNSET
    admin_delete_enabled: bool | Unset = UNSET
    created_at: Instant | Unset = UNSET
    role_set_key: str | Unset = UNSET
    public_metadata: JsonObject | Unset = UNSET
    private_metadata: JsonObject | Unset = UNSET


def change_organization(
    instance: Instance, organization: Organization, change: OrganizationChange, origin: Origin
) -> Organization:
    """Apply ``change``.

    Raises:
        ApiError: 422, with Clerk's code for what is malformed or taken, or a member has a role that
            is not in the role set; 404, there is no such role set.
    """
    given: dict[str, Any] = _metadata_of(change)
    if not isinstance(change.name, Unset):
        given["name"] = check_name(change.name)
    if not isinstance(change.slug, Unset):
        given["slug"] = check_slug(instance, change.slug, ignoring=organization.id)
    if not isinstance(change.role_set_key, Unset):
        role_set = role_set_of_key(instance, change.role_set_key, "role_set_key")
        _check_fits(instance, organization, role_set)
        given["role_set_id"] = role_set.id
    for name in ("max_allowed_memberships", "admin_delete_enabled", "created_at"):
        value = getattr(change, name)
        if value is not UNSET:
            given[name] = value
    return ORGANIZATIONS.change(instance, organization, origin, **given)


def merge_organization_metadata(
    instance: Instance, organization: Organization, change: OrganizationMetadata, origin: Origin
) -> Organization:
    """Merge metadata in at every level; ``null`` removes a key.

    Raises:
        ApiError: 422, the result is too large.
    """
    merged = {
        name: check_metadata(name, merge_metadata(getattr(organization, name), changes))
        for name, changes in _mentioned(change).items()
    }
    return ORGANIZATIONS.change(instance, organization, origin, **merged)


def replace_organization_metadata(
    instance: Instance, organization: Organization, change: OrganizationMetadata, origin: Origin
) -> Organization:
    """Replace whole metadata objects.

    Raises:
        ApiError: 422, one is too large.
    """
    return ORGANIZATIONS.change(instance, organization, origin, **_metadata_of(change))


def _mentioned(change: OrganizationMetadata | OrganizationChange) -> dict[str, JsonObject]:
    both = {
        "public_metadata": change.public_metadata,
        "private_metadata": change.private_metadata,
    }
    return {name: value for name, value in both.items() if not isinstance(value, Unset)}


def _metadata_of(change: OrganizationMetadata | OrganizationChange) -> dict[str, JsonObject]:
    return {name: check_metadata(name, value) for name, value in _mentioned(change).items()}


def _check_fits(instance: Instance, organization: Organization, role_set: RoleSet) -> None:
    for membership in memberships_of_organization(instance, organization.id):
        if membership.role_id not in role_set.role_ids:
            raise ApiError.bad_value(
                "role_set_key", "the key of a role set with all roles that members have"
            )
