"""A domain, and where Clerk works on it."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.settings.entity import Environment, settings_of
from clerk_fake.model.settings.general import environment_of
from clerk_fake.state import Noun

__all__ = ["DOMAINS", "Domain", "all_domains", "primary_domain", "require_domain"]

ALIASES: Final = (
    ("clerk", "frontend-api.clerk.services"),
    ("accounts", "accounts.clerk.services"),
    ("clkmail", "mail.clerk.services"),
    ("clk._domainkey", "dkim1.clerk.services"),
    ("clk2._domainkey", "dkim2.clerk.services"),
)
"""The DNS aliases that a production domain needs; satellites need the first one only."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of the instance; times are Unix ms.

    Attributes:
        name: With the port in development, if any.
        is_secondary: Whether a subdomain counts, because several applications share the root.
    """

    id: str
    name: str
    is_satellite: bool
    created_at: int
    updated_at: int
    proxy_url: str | None = None
    is_secondary: bool = False


def _resource(instance: Instance, domain: Domain) -> JsonObject:
    production = environment_of(instance) is Environment.PRODUCTION
    return {
        "object": "domain",
        "id": domain.id,
        "name": domain.name,
        "is_satellite": domain.is_satellite,
        "frontend_api_url": _frontend_api_url(instance, domain, production=production),
        "accounts_portal_url": _portal_url(domain, production=production),
        "proxy_url": domain.proxy_url,
        "development_origin": settings_of(instance).general.development_origin or "",
        "cname_targets": _aliases(domain) if production else None,
    }


def _frontend_api_url(instance: Instance, domain: Domain, *, production: bool) -> str:
    if domain.proxy_url is not None:
        return domain.proxy_url
    return f"https://clerk.{domain.name}" if production else instance.identity.issuer


def _portal_url(domain: Domain, *, production: bool) -> str | None:
    if domain.is_satellite:
        return None
    if production:
        return f"https://accounts.{domain.name}"
    return f"https://{domain.name.replace('.clerk.', '.', 1)}"


def _aliases(domain: Domain) -> list[JsonObject]:
    needed = ALIASES[:1] if domain.is_satellite else ALIASES
    return [
        {"host": f"{prefix}.{domain.name}", "value": value, "required": True}
        for prefix, value in needed
        if domain.proxy_url is None or prefix != "clerk"
    ]


DOMAINS: Final = Kind(
    Noun(
        "domains",
        Domain,
        {
            "name": lambda domain: (domain.name,),
            "role": lambda domain: ("satellite" if domain.is_satellite else "primary",),
        },
    ),
    what="domain",
    prefix="dmn",
    wire_name="domain",
    resource=_resource,
)


def primary_domain(instance: Instance) -> Domain:
    """Return the primary domain: what it was changed to, else the host of the Frontend API."""
    for domain in DOMAINS.table(instance).find("role", "primary"):
        return domain
    return Domain(
        id=f"{DOMAINS.prefix}_{instance.id.removeprefix('ins_')}",
        name=instance.identity.frontend_host.removeprefix("clerk."),
        is_satellite=False,
        created_at=0,
        updated_at=0,
    )


def all_domains(instance: Instance) -> list[Domain]:
    """Return the primary domain and the satellites, in this order."""
    satellites = DOMAINS.table(instance).find("role", "satellite")
    return [primary_domain(instance), *satellites]


def require_domain(instance: Instance, domain_id: str) -> Domain:
    """Return the domain with this id.

    Raises:
        ApiError: 404, there is none.
    """
    for domain in all_domains(instance):
        if domain.id == domain_id:
            return domain
    raise ApiError.not_found("domain", domain_id)
