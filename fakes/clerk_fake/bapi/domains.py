"""``/v1/domains``, ``/v1/proxy_checks``, and the two operations that move an instance."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.collection import Collection
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.model.domains.commands import (
    DomainChange,
    DomainDraft,
    HomeChange,
    add_domain,
    change_domain,
    change_home,
    delete_domain,
)
from clerk_fake.model.domains.entity import DOMAINS, Domain, all_domains, require_domain
from clerk_fake.model.domains.proxies import PROXY_CHECKS, ProxyCheckDraft, check_proxy

__all__ = ["ROUTES"]

ACCEPTED: Final = 202

COLLECTION: Final = Collection("/v1/domains", "domain_id", DOMAINS, coverage=Coverage.STORED)
CHECKS: Final = Collection(
    "/v1/proxy_checks", "proxy_check_id", PROXY_CHECKS, coverage=Coverage.STORED
)


def _called(call: Call) -> Domain:
    return require_domain(call.instance, call.param("domain_id"))


def _list(call: Call) -> Response:
    rows = [DOMAINS.resource(call.instance, domain) for domain in all_domains(call.instance)]
    return json_response({"data": rows, "total_count": len(rows)})


def _update(call: Call) -> Response:
    domain = _called(call)
    change = read_form(DomainChange, call.request.fields())
    return COLLECTION.write(call, change_domain(call.instance, domain, change, call.origin))


def _delete(call: Call) -> Response:
    domain = _called(call)
    delete_domain(call.instance, domain, call.origin)
    return json_response(DOMAINS.tombstone(domain))


def _move(call: Call) -> Response:
    change_home(call.instance, read_form(HomeChange, call.request.fields()), call.origin)
    return empty_response(ACCEPTED)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/domains", _list, coverage=Coverage.STORED),
    COLLECTION.create(DomainDraft, add_domain),
    Route("PATCH", "/v1/domains/{domain_id}", _update, coverage=Coverage.STORED),
    Route("DELETE", "/v1/domains/{domain_id}", _delete, coverage=Coverage.STORED),
    CHECKS.create(ProxyCheckDraft, check_proxy),
    Route("POST", "/v1/instance/change_domain", _move, coverage=Coverage.STORED),
    # Not described; the official Node client asks here.
    Route("POST", "/v1/beta_features/change_domain", _move, coverage=Coverage.STORED),
    Route("PUT", "/v1/beta_features/domain", _move, coverage=Coverage.STORED),
)
