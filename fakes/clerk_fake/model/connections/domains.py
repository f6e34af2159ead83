"""The domains of a connection: who has an address there signs in with it."""

import re
from collections.abc import Sequence
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.connections.entity import CONNECTIONS, Connection
from clerk_fake.model.organization_domains.commands import delete_organization_domain
from clerk_fake.model.organization_domains.entity import OrganizationDomain, verified_domains

__all__ = ["check_domains", "domains_in_the_way", "remove_domains_in_the_way"]

LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN: Final = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)+[a-z]{{2,63}}")


def check_domains(instance: Instance, domains: Sequence[str], own_id: str) -> tuple[str, ...]:
    """Return the domains in lower case.

    Args:
        instance: Where.
        domains: Those that a connection should have.
        own_id: Of this connection.

    Raises:
        ApiError: 422, one is malformed, there twice, or another connection's.
    """
    folded = tuple(domain.strip().lower() for domain in domains)
    if len(set(folded)) < len(folded):
        raise ApiError.duplicate_values("domains")
    for domain in folded:
        if not DOMAIN.fullmatch(domain):
            raise ApiError.bad_format("domains", "fully qualified domain names")
        holders = CONNECTIONS.table(instance).find("domain", domain)
        if any(holder.id != own_id for holder in holders):
            raise ApiError.of(
                422,
                "enterprise_connection_domain_exists",
                "already exists",
                f"Another connection has the domain {domain}.",
                param_name="domains",
            )
    return folded


def domains_in_the_way(instance: Instance, connection: Connection) -> list[OrganizationDomain]:
    """Return the verified domains that let in by themselves whom an active connection should."""
    if not connection.active:
        return []
    return [
        domain
        for name in connection.domains
        for domain in verified_domains(instance, name)
        if domain.lets_in
    ]


def remove_domains_in_the_way(instance: Instance, connection: Connection, origin: Origin) -> None:
    """Delete these domains from their organizations."""
    for domain in domains_in_the_way(instance, connection):
        delete_organization_domain(instance, domain, origin)
