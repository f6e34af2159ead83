"""Give an organization a domain, verify it, and let those with an address there in."""

from dataclasses import dataclass, replace
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.connections.entity import CONNECTIONS
from clerk_fake.model.organization_domains.entity import (
    AffiliationStrategy,
    DomainProof,
    Enrollment,
    OrganizationDomain,
    domains_of_organization,
    verified_domains,
)
from clerk_fake.model.organization_domains.names import check_domain_name
from clerk_fake.model.organization_domains.resource import ORGANIZATION_DOMAINS
from clerk_fake.model.organization_domains.suggestions import forget_suggestions
from clerk_fake.model.organization_invitations.answering import withdraw_invitation
from clerk_fake.model.organization_invitations.entity import pending_of_domain
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.unset import UNSET, Unset, given

__all__ = [
    "OrganizationDomainChange",
    "OrganizationDomainDraft",
    "change_organization_domain",
    "create_organization_domain",
    "delete_domains_of_organization",
    "delete_organization_domain",
    "verify_ownership",
]

ALWAYS_ALLOWED: Final = frozenset({Enrollment.MANUAL_INVITATION, Enrollment.ENTERPRISE_SSO})


@dataclass(frozen=True, slots=True)
class OrganizationDomainDraft:
    """What ``POST /v1/organizations/{organization_id}/domains`` takes."""

    name: str
    enrollment_mode: Enrollment = Enrollment.MANUAL_INVITATION
    verified: bool = True


@dataclass(frozen=True, slots=True)
class OrganizationDomainChange:
    """What ``PATCH /v1/organizations/{organization_id}/domains/{domain_id}`` takes."""

    enrollment_mode: Enrollment | Unset = UNSET
    verified: bool | Unset = UNSET


def create_organization_domain(
    instance: Instance, organization: Organization, draft: OrganizationDomainDraft, origin: Origin
) -> OrganizationDomain:
    """Add a domain.

    Raises:
        ApiError: 422, it is no domain, a common one, or taken; 403, domains or this mode are
            switched off, or the organization has as many as it may have.
    """
    name = check_domain_name(draft.name)
    _check_allowed(instance, draft.enrollment_mode)
    owned = domains_of_organization(instance, organization.id)
    if any(domain.name == name for domain in owned):
        raise _taken()
    if draft.verified:
        _check_free(instance, name)
    _check_room(instance, len(owned))
    now = instance.clock.now_ms()
    domain = OrganizationDomain(
        id=ORGANIZATION_DOMAINS.new_id(instance),
        organization_id=organization.id,
        name=name,
        enrollment_mode=draft.enrollment_mode,
        created_at=now,
        updated_at=now,
        affiliation=_affiliation() if draft.verified else None,
    )
    _check_no_connection(instance, domain)
    return ORGANIZATION_DOMAINS.add(instance, domain, origin)


def change_organization_domain(
    instance: Instance, domain: OrganizationDomain, change: OrganizationDomainChange, origin: Origin
) -> OrganizationDomain:
    """Apply ``change``; who was invited or got a suggestion so far keeps it.

    Raises:
        ApiError: 422, another organization has verified the domain; 403, the mode is switched off.
    """
    changes: dict[str, Any] = {}
    if not isinstance(change.enrollment_mode, Unset):
        _check_allowed(instance, change.enrollment_mode)
        changes["enrollment_mode"] = change.enrollment_mode
    verified = given(change.verified, domain.verified)
    if verified and not domain.verified:
        _check_free(instance, domain.name)
        changes["affiliation"] = _affiliation()
    elif not verified:
        changes["affiliation"] = None
    _check_no_connection(instance, replace(domain, **changes))
    return ORGANIZATION_DOMAINS.change(instance, domain, origin, **changes)


def verify_ownership(
    instance: Instance, domain: OrganizationDomain, origin: Origin
) -> OrganizationDomain:
    """Take it that the organization owns the domain, without asking DNS; once is enough."""
    if domain.ownership is not None:
        return domain
    proof = DomainProof("manual_override", verified_at=instance.clock.now_ms())
    return ORGANIZATION_DOMAINS.change(instance, domain, origin, ownership=proof)


def delete_organization_domain(
    instance: Instance, domain: OrganizationDomain, origin: Origin
) -> None:
    """Withdraw the invitations and suggestions that a domain made, and forget it."""
    for invitation in list(pending_of_domain(instance, domain.id)):
        withdraw_invitation(instance, invitation, origin)
    forget_suggestions(instance, "domain_id", domain.id)
    ORGANIZATION_DOMAINS.remove(instance, domain, origin)


def delete_domains_of_organization(
    instance: Instance, organization_id: str, origin: Origin
) -> None:
    """Forget all domains of an organization that is about to be deleted."""
    for domain in domains_of_organization(instance, organization_id):
        delete_organization_domain(instance, domain, origin)


def _affiliation() -> DomainProof:
    return DomainProof(AffiliationStrategy.EMAIL_CODE)


def _check_allowed(instance: Instance, mode: Enrollment) -> None:
    settings = settings_of(instance).organizations
    if not settings.domains_enabled:
        raise ApiError.of(
            403,
            "organization_domains_not_enabled",
            "access denied",
            "The organization domains feature is not enabled for this instance. "
            "You can enable it in its settings.",
        )
    if mode not in ALWAYS_ALLOWED and mode.value not in settings.domains_enrollment_modes:
        raise ApiError.of(
            403,
            "organization_domain_enrollment_mode_not_enabled",
            "organization enrollment mode not enabled",
            f"Enrollment mode {mode} is not enabled for this instances's organizations.",
        )


def _check_free(instance: Instance, name: str) -> None:
    if any(verified_domains(instance, name)):
        raise _taken()


def _check_no_connection(instance: Instance, domain: OrganizationDomain) -> None:
    for connection in CONNECTIONS.table(instance).find("domain", domain.name):
        its_own = connection.organization_id == domain.organization_id
        if domain.lets_in and connection.active and its_own:
            raise ApiError.of(
                422,
                "organization_domain_exists_for_enterprise_connection",
                "domain exists for an organization enterprise connection",
                "This domain is already used for your organization's SSO. "
                "Please use a different one.",
                param_name="name",
            )


def _check_room(instance: Instance, owned: int) -> None:
    most = settings_of(instance).organizations.max_allowed_domains
    if owned >= most:
        raise ApiError.of(
            403,
            "organization_domain_quota_exceeded",
            "organization domains quota exceeded",
            f"You have reached your limit of {most} domains per organization.",
        )


def _taken() -> ApiError:
    return ApiError.of(
        422,
        "organization_domain_already_exists",
        "organizaton domain already exists",
        "This domain is already used by another organization.",
        param_name="name",
    )
