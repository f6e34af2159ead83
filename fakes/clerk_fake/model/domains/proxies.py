"""Proxies in front of the Frontend API: believed to work, unless the instance is told otherwise."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.domains.entity import all_domains
from clerk_fake.model.records import Kind
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.urls import check_secure_url
from clerk_fake.state import Noun

__all__ = ["PROXY_CHECKS", "ProxyCheck", "ProxyCheckDraft", "check_proxy", "check_proxy_url"]


@dataclass(frozen=True, slots=True)
class ProxyCheck:
    """One look at a proxy; times are Unix ms."""

    id: str
    domain_id: str
    proxy_url: str
    successful: bool
    created_at: int
    updated_at: int
    last_run_at: int


@dataclass(frozen=True, slots=True)
class ProxyCheckDraft:
    """What ``POST /v1/proxy_checks`` takes."""

    domain_id: str
    proxy_url: str


def _resource(_instance: Instance, check: ProxyCheck) -> JsonObject:
    return {
        "object": "proxy_check",
        "id": check.id,
        "domain_id": check.domain_id,
        "proxy_url": check.proxy_url,
        "successful": check.successful,
        "last_run_at": check.last_run_at,
        "created_at": check.created_at,
        "updated_at": check.updated_at,
    }


PROXY_CHECKS: Final = Kind(
    Noun("proxy_checks", ProxyCheck),
    what="proxy check",
    prefix="proxchk",
    wire_name="proxy_check",
    resource=_resource,
)


def check_proxy(instance: Instance, draft: ProxyCheckDraft, origin: Origin) -> ProxyCheck:
    """Look at a proxy without using it: nothing is dialled, the instance's settings decide.

    Raises:
        ApiError: 422, there is no such domain, or the URL is not secure.
    """
    if not any(domain.id == draft.domain_id for domain in all_domains(instance)):
        raise ApiError.of(
            422,
            "form_resource_not_found",
            "is missing",
            "The resource associated with the supplied domain_id was not found.",
            param_name="domain_id",
        )
    check_secure_url(draft.proxy_url, "proxy_url")
    now = instance.clock.now_ms()
    check = ProxyCheck(
        id=PROXY_CHECKS.new_id(instance),
        domain_id=draft.domain_id,
        proxy_url=draft.proxy_url,
        successful=settings_of(instance).general.proxies_answer,
        created_at=now,
        updated_at=now,
        last_run_at=now,
    )
    return PROXY_CHECKS.add(instance, check, origin)


def check_proxy_url(instance: Instance, url: str) -> str:
    """Return the URL of a proxy that is to be used.

    Raises:
        ApiError: 422, it is not secure, or the proxy does not answer.
    """
    check_secure_url(url, "proxy_url")
    if not settings_of(instance).general.proxies_answer:
        raise ApiError.of(
            422,
            "invalid_proxy_configuration",
            "invalid proxy configuration",
            "Clerk Frontend API cannot be accessed through the proxy URL. "
            "Make sure your proxy is configured correctly.",
            param_name="proxy_url",
        )
    return url
