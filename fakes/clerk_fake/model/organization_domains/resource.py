"""A domain of an organization as back ends see it, in answers and in events."""

from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.organization_domains.entity import (
    DOMAIN_NOUN,
    DomainProof,
    OrganizationDomain,
)
from clerk_fake.model.organization_domains.suggestions import count_pending_suggestions
from clerk_fake.model.organization_invitations.entity import pending_of_domain
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.organizations.resource import public_organization_data
from clerk_fake.model.records import Kind, Telling

__all__ = ["ORGANIZATION_DOMAINS"]


def _resource(instance: Instance, domain: OrganizationDomain) -> JsonObject:
    organization = instance.state.of(ORGANIZATION_NOUN).get(domain.organization_id)
    affiliation = _proof(domain.affiliation)
    invited = sum(1 for _ in pending_of_domain(instance, domain.id))
    return {
        "object": "organization_domain",
        "id": domain.id,
        "organization_id": domain.organization_id,
        "name": domain.name,
        "enrollment_mode": domain.enrollment_mode,
        "affiliation_email_address": domain.affiliation_email_address,
        "affiliation_verification": affiliation,
        "ownership_verification": _proof(domain.ownership),
        "verification": affiliation,
        "total_pending_invitations": invited,
        "total_pending_suggestions": count_pending_suggestions(instance, domain.id),
        "public_organization_data": (
            None if organization is None else public_organization_data(instance, organization)
        ),
        "created_at": domain.created_at,
        "updated_at": domain.updated_at,
    }


def _proof(proof: DomainProof | None) -> JsonObject | None:
    if proof is None:
        return None
    return {
        "status": "verified",
        "strategy": proof.strategy,
        "attempts": None,
        "expire_at": None,
        "verified_at": proof.verified_at,
    }


ORGANIZATION_DOMAINS: Final = Kind(
    DOMAIN_NOUN,
    what="organization domain",
    prefix="orgdmn",
    wire_name="organization_domain",
    resource=_resource,
    telling=Telling(
        "organizationDomain.created",
        "organizationDomain.updated",
        "organizationDomain.deleted",
    ),
)
