"""Organizations: identity is the Clerk id; a deleted one takes its members out of every answer."""

from typing import Any, Final

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.fields import Fields
from clerk_sync.service.nouns.noun import Noun
from clerk_sync.store.organizations import (
    ORGANIZATIONS as TABLE,
)
from clerk_sync.store.organizations import (
    OrganizationProfile,
    StoredOrganization,
)

__all__ = ["ORGANIZATIONS", "read_organization"]


def read_organization(data: dict[str, Any]) -> OrganizationProfile:
    """Read an organization, from an event or from the Backend API.

    Raises:
        PayloadError: The id or the version is missing, or a field has another type than Clerk's.
    """
    organization = Fields(data)
    return OrganizationProfile(
        clerk_id=organization.required_key("id"),
        name=organization.text("name"),
        slug=organization.text("slug"),
        image_url=organization.text("image_url"),
        created_by=organization.text("created_by"),
        max_allowed_memberships=organization.integer("max_allowed_memberships"),
        public_metadata=organization.object("public_metadata"),
        private_metadata=organization.object("private_metadata"),
        clerk_created_at=organization.milliseconds("created_at"),
        clerk_updated_at=organization.required_milliseconds("updated_at"),
    )


async def _fetch(
    clerk: ClerkApi, organization: OrganizationProfile | StoredOrganization
) -> dict[str, Any] | None:
    return await clerk.get_organization(organization.clerk_id)


ORGANIZATIONS: Final[Noun[OrganizationProfile, StoredOrganization]] = Noun(
    name="organization",
    carried_by=frozenset({"organization.created", "organization.updated"}),
    deleted_by=frozenset({"organization.deleted"}),
    read=read_organization,
    load=TABLE.load,
    save=TABLE.save,
    bury=TABLE.bury,
    fetch=_fetch,
)
