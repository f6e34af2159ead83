"""Add, change and delete domains, and move a production instance to another one."""

import re
from dataclasses import dataclass, replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.domains.entity import (
    DOMAINS,
    Domain,
    all_domains,
    primary_domain,
)
from clerk_fake.model.domains.proxies import check_proxy_url
from clerk_fake.model.sessions.commands import revoke_sessions_of
from clerk_fake.model.settings.entity import (
    Environment,
    change_settings,
    settings_of,
)
from clerk_fake.model.settings.general import environment_of
from clerk_fake.model.unset import UNSET, Unset
from clerk_fake.model.urls import check_secure_url
from clerk_fake.model.users.entity import USERS

__all__ = [
    "DomainChange",
    "DomainDraft",
    "HomeChange",
    "add_domain",
    "change_domain",
    "change_home",
    "delete_domain",
]

LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST: Final = re.compile(rf"{LABEL}(\.{LABEL})*(:\d{{1,5}})?")
QUALIFIED: Final = re.compile(rf"{LABEL}(\.{LABEL})+")


@dataclass(frozen=True, slots=True)
class DomainDraft:
    """What ``POST /v1/domains`` takes."""

    name: str
    is_satellite: bool
    proxy_url: str | None = None


@dataclass(frozen=True, slots=True)
class DomainChange:
    """What ``PATCH /v1/domains/{domain_id}`` takes; a proxy of ``None`` means DNS instead."""

    name: str | Unset = UNSET
    proxy_url: str | Unset | None = UNSET
    is_secondary: bool | Unset = UNSET


@dataclass(frozen=True, slots=True)
class HomeChange:
    """What ``POST /v1/instance/change_domain`` and ``PUT /v1/beta_features/domain`` take."""

    home_url: str
    is_secondary: bool = False


def add_domain(instance: Instance, draft: DomainDraft, origin: Origin) -> Domain:
    """Add a satellite domain.

    Raises:
        ApiError: 422, it is no satellite, malformed or taken, or the proxy does not answer; 400,
            a development instance has no proxies.
    """
    if not draft.is_satellite:
        raise ApiError.of(
            422,
            "primary_domain_already_exists",
            "primary domain already exists",
            "Currently, only a single primary domain is supported and the current instance "
            "already has one. All new domains need to be set as satellites.",
            param_name="is_satellite",
        )
    name = _checked_name(instance, draft.name)
    proxy_url = _checked_proxy(instance, draft.proxy_url) if draft.proxy_url else None
    now = instance.clock.now_ms()
    domain = Domain(
        DOMAINS.new_id(instance),
        name,
        is_satellite=True,
        created_at=now,
        updated_at=now,
        proxy_url=proxy_url,
    )
    return DOMAINS.add(instance, domain, origin)


def change_domain(
    instance: Instance, domain: Domain, change: DomainChange, origin: Origin
) -> Domain:
    """Rename a domain, or put it behind a proxy. The primary one's name moves the home URL along.

    Raises:
        ApiError: As in ``add_domain``.
    """
    name, proxy_url = domain.name, domain.proxy_url
    if not isinstance(change.name, Unset):
        name = _checked_name(instance, change.name, ignoring=domain.id)
    if not isinstance(change.proxy_url, Unset):
        proxy_url = _checked_proxy(instance, change.proxy_url) if change.proxy_url else None
    if name != domain.name and not domain.is_satellite:
        _set_home(instance, f"https://{name}")
    secondary = (
        domain.is_secondary if isinstance(change.is_secondary, Unset) else change.is_secondary
    )
    return DOMAINS.change(
        instance, domain, origin, name=name, proxy_url=proxy_url, is_secondary=secondary
    )


def delete_domain(instance: Instance, domain: Domain, origin: Origin) -> None:
    """Take a satellite domain away.

    Raises:
        ApiError: 403, it is the primary one.
    """
    if not domain.is_satellite:
        raise ApiError.of(
            403,
            "operation_not_allowed_on_primary_domain",
            "operation not allowed",
            "This operation is not allowed on a primary domain. "
            "Try again with a satellite domain of the instance.",
        )
    DOMAINS.remove(instance, domain, origin)


def change_home(instance: Instance, change: HomeChange, origin: Origin) -> Domain:
    """Move a production instance to another domain; everybody is signed out.

    Raises:
        ApiError: 400, it is a development instance; 422, the URL is malformed or not secure, or
            its domain is taken.
    """
    _check_production(instance)
    primary = primary_domain(instance)
    parts = check_secure_url(change.home_url, "home_url")
    host = (parts.hostname or "").removeprefix("www.")
    if not QUALIFIED.fullmatch(host):
        raise ApiError.bad_format("home_url", "a URL such as https://www.example.com")
    _check_free(instance, host, "home_url", ignoring=primary.id)
    _set_home(instance, change.home_url)
    for user in list(instance.state.of(USERS).oldest_first()):
        revoke_sessions_of(instance, user, origin)
    return DOMAINS.change(instance, primary, origin, name=host, is_secondary=change.is_secondary)


def _checked_name(instance: Instance, name: str, *, ignoring: str = "") -> str:
    name = name.strip().lower()
    production = environment_of(instance) is Environment.PRODUCTION
    if not (QUALIFIED if production else HOST).fullmatch(name):
        raise ApiError.bad_format("name", "a domain name without a scheme, e.g. example.com")
    _check_free(instance, name, "name", ignoring=ignoring)
    return name


def _check_free(instance: Instance, name: str, param: str, *, ignoring: str) -> None:
    if any(domain.name == name and domain.id != ignoring for domain in all_domains(instance)):
        raise ApiError.of(
            422,
            "home_url_taken",
            "Domain already in use",
            f"The {name} root domain is already in use by another application.",
            param_name=param,
        )


def _checked_proxy(instance: Instance, url: str) -> str:
    _check_production(instance)
    return check_proxy_url(instance, url)


def _check_production(instance: Instance) -> None:
    if environment_of(instance) is not Environment.PRODUCTION:
        raise ApiError.of(
            400,
            "domain_update_forbidden",
            "Domain update was forbidden",
            "Domain can be only updated for production instances",
        )


def _set_home(instance: Instance, home_url: str) -> None:
    general = settings_of(instance).general
    change_settings(instance, general=replace(general, home_url=home_url))
