"""An organization goes, and everything in it."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.api_keys.commands import forget_api_keys_of
from clerk_fake.model.connections.commands import unlink_connections_of
from clerk_fake.model.images import drop_image
from clerk_fake.model.memberships.entity import memberships_of_organization
from clerk_fake.model.memberships.leaving import remove_membership
from clerk_fake.model.organization_domains.commands import delete_domains_of_organization
from clerk_fake.model.organization_invitations.answering import forget_invitations_to
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.resource import ORGANIZATIONS

__all__ = ["delete_organization"]


def delete_organization(instance: Instance, organization: Organization, origin: Origin) -> None:
    """End all memberships, withdraw all invitations, forget domains and organization.

    The last event is ``organization.deleted``.
    """
    for membership in memberships_of_organization(instance, organization.id):
        remove_membership(instance, membership, origin)
    delete_domains_of_organization(instance, organization.id, origin)
    forget_invitations_to(instance, organization.id, origin)
    forget_api_keys_of(instance, organization.id)
    unlink_connections_of(instance, organization.id, origin)
    drop_image(instance, organization.image_id)
    ORGANIZATIONS.remove(instance, organization, origin)
