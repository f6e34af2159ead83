"""A domain of an organization, as an instance remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.state import Noun

__all__ = [
    "DOMAIN_NOUN",
    "AffiliationStrategy",
    "DomainProof",
    "Enrollment",
    "OrganizationDomain",
    "domains_of_organization",
    "verified_domains",
]


class Enrollment(StrEnum):
    """What becomes of users with an address at a domain."""

    MANUAL_INVITATION = "manual_invitation"
    AUTOMATIC_INVITATION = "automatic_invitation"
    AUTOMATIC_SUGGESTION = "automatic_suggestion"
    ENTERPRISE_SSO = "enterprise_sso"


class AffiliationStrategy(StrEnum):
    """How it was shown that the organization is at home at a domain."""

    EMAIL_CODE = "affiliation_email_code"


@dataclass(frozen=True, slots=True)
class DomainProof:
    """That a domain was verified, and how.

    Attributes:
        strategy: E.g. ``affiliation_email_code``, ``txt`` or ``manual_override``.
        verified_at: ms; of the ownership only.
    """

    strategy: str
    verified_at: int | None = None


@dataclass(frozen=True, slots=True)
class OrganizationDomain:
    """A domain; times are Unix ms.

    Attributes:
        name: Lower case.
        affiliation: Set when the organization is known to be at home there; only then do its
            enrollment mode and the rule of one verified domain of a name matter.
        ownership: Set when the organization is known to own it.
    """

    id: str
    organization_id: str
    name: str
    enrollment_mode: Enrollment
    created_at: int
    updated_at: int
    affiliation: DomainProof | None = None
    ownership: DomainProof | None = None
    affiliation_email_address: str | None = None

    @property
    def verified(self) -> bool:
        """Whether the organization is known to be at home there."""
        return self.affiliation is not None

    @property
    def lets_in(self) -> bool:
        """Whether it invites or suggests by itself."""
        automatic = (Enrollment.AUTOMATIC_INVITATION, Enrollment.AUTOMATIC_SUGGESTION)
        return self.verified and self.enrollment_mode in automatic


DOMAIN_NOUN: Final = Noun(
    "organization_domains",
    OrganizationDomain,
    {
        "organization_id": lambda domain: (domain.organization_id,),
        "name": lambda domain: (domain.name,),
    },
)


def domains_of_organization(instance: Instance, organization_id: str) -> list[OrganizationDomain]:
    """Return the domains of an organization, in the order in which they came."""
    return instance.state.of(DOMAIN_NOUN).find("organization_id", organization_id)


def verified_domains(instance: Instance, name: str) -> Iterator[OrganizationDomain]:
    """Yield the verified domain of this name (lower case): none or one."""
    for domain in instance.state.of(DOMAIN_NOUN).find("name", name):
        if domain.verified:
            yield domain
