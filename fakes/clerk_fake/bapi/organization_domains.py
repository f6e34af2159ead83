"""Domains of an organization, and of all of them."""

from collections.abc import Callable
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection, Owner
from clerk_fake.bapi.listing import Listing, matching, one_of, truth_of
from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.organization_domains.commands import (
    OrganizationDomainChange,
    OrganizationDomainDraft,
    change_organization_domain,
    create_organization_domain,
    delete_organization_domain,
    verify_ownership,
)
from clerk_fake.model.organization_domains.entity import Enrollment, OrganizationDomain
from clerk_fake.model.organization_domains.resource import ORGANIZATION_DOMAINS
from clerk_fake.model.organizations.resource import ORGANIZATIONS

__all__ = ["ROUTES"]

COLLECTION: Final = Collection(
    "/v1/organizations/{organization_id}/domains",
    "domain_id",
    ORGANIZATION_DOMAINS,
    owner=Owner(ORGANIZATIONS, "organization_id", "organization_id"),
)


def _enrolling(query: Query, name: str) -> Callable[[OrganizationDomain], bool] | None:
    """Read modes, written ``a,b`` or ``a=…&a=…``; those with ``-`` in front are excluded."""
    values = [mode for text in query.texts(name) for mode in text.split(",") if mode]
    wanted = frozenset(value for value in values if not value.startswith("-"))
    unwanted = frozenset(value[1:] for value in values if value.startswith("-"))
    if not wanted | unwanted <= set(Enrollment):
        raise ApiError.bad_value(name, f"of {', '.join(Enrollment)}, - in front to exclude")
    if not values:
        return None
    return lambda domain: (
        (not wanted or domain.enrollment_mode in wanted) and domain.enrollment_mode not in unwanted
    )


def _searched(query: Query, name: str) -> Callable[[OrganizationDomain], bool] | None:
    text = query.text(name)
    if text is None:
        return None
    wanted = text.strip()
    if not wanted:
        raise ApiError.bad_value(name, "not blank")
    if wanted.startswith("org_"):
        return lambda domain: domain.organization_id == wanted
    return lambda domain: wanted.lower() in domain.name


OF_ONE: Final[Listing[OrganizationDomain]] = Listing(
    filters={
        "verified": truth_of(lambda domain: domain.verified),
        "enrollment_mode": _enrolling,
    },
)
OF_ALL: Final[Listing[OrganizationDomain]] = Listing(
    filters={
        **OF_ONE.filters,
        "organization_id": matching(lambda domain: domain.organization_id),
        "query": _searched,
        "domains": one_of(lambda domain: domain.name),
    },
    orders={"name": lambda domain: domain.name},
)


def _list_all(call: Call) -> Response:
    return OF_ALL.answer(call, ORGANIZATION_DOMAINS)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.create_owned(OrganizationDomainDraft, create_organization_domain),
    COLLECTION.list(OF_ONE),
    COLLECTION.update(OrganizationDomainChange, change_organization_domain),
    COLLECTION.delete(delete_organization_domain),
    COLLECTION.act("/verify_ownership", verify_ownership),
    Route("GET", "/v1/organization_domains", _list_all),
)
