"""Make connections, change them, delete them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.connections.domains import (
    check_domains,
    domains_in_the_way,
    remove_domains_in_the_way,
)
from clerk_fake.model.connections.entity import CONNECTIONS, Connection, CustomAttribute, Provider
from clerk_fake.model.connections.oidc import Oidc, OidcChange, change_oidc
from clerk_fake.model.connections.saml import Saml, SamlChange, change_saml
from clerk_fake.model.connections.trials import RUNS
from clerk_fake.model.directories.commands import delete_directory
from clerk_fake.model.directories.entity import DIRECTORIES
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = [
    "ConnectionChange",
    "NewConnection",
    "change_connection",
    "create_connection",
    "delete_connection",
    "unlink_connections_of",
]

ATTRIBUTE_KEY: Final = re.compile(r"[^_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """What should become of a connection; what is ``UNSET`` stays.

    Attributes:
        saml: Of a connection that speaks SAML only.
        oidc: Of a connection that speaks OpenID Connect only.
    """

    name: str | Unset = UNSET
    domains: tuple[str, ...] | Unset = UNSET
    active: bool | Unset = UNSET
    organization_id: str | Unset | None = UNSET
    sync_user_attributes: bool | Unset = UNSET
    disable_additional_identifications: bool | Unset = UNSET
    allow_organization_account_linking: bool | Unset = UNSET
    custom_attributes: tuple[CustomAttribute, ...] | Unset = UNSET
    saml: SamlChange | Unset = UNSET
    oidc: OidcChange | Unset = UNSET


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What a new connection should be."""

    name: str
    provider: Provider
    domains: tuple[str, ...]
    rest: ConnectionChange = field(default_factory=ConnectionChange)


def create_connection(instance: Instance, wanted: NewConnection, origin: Origin) -> Connection:
    """Add a connection.

    Raises:
        ApiError: 404, there is no such organization; 422, a domain is malformed or another
            connection's, or an active one lacks what its identity provider is reached by.
    """
    if not wanted.domains:
        raise ApiError.missing_param("domains")
    now = instance.clock.now_ms()
    is_saml = wanted.provider.is_saml
    bare = Connection(
        id=CONNECTIONS.new_id(instance),
        name=wanted.name,
        provider=wanted.provider,
        domains=(),
        created_at=now,
        updated_at=now,
        saml=Saml(instance.ids.new("samlc")) if is_saml else None,
        oidc=None if is_saml else Oidc(instance.ids.new("oauthcfg"), now, now),
    )
    change = replace(wanted.rest, domains=wanted.domains)
    connection = _changed(instance, bare, change)
    remove_domains_in_the_way(instance, connection, origin)
    return CONNECTIONS.add(instance, connection, origin)


def change_connection(
    instance: Instance,
    connection: Connection,
    change: ConnectionChange,
    origin: Origin,
    *,
    may_remove_domains: bool = True,
) -> Connection:
    """Change a connection.

    Verified domains of organizations that let people in by themselves go when a connection with
    their names is active, if they may.

    Raises:
        ApiError: As for ``create_connection``; 422 besides, such domains may not go.
    """
    changed = _changed(instance, connection, change)
    if not may_remove_domains and domains_in_the_way(instance, changed):
        raise ApiError.of(
            422,
            "organization_domain_exists_for_enrollment",
            "domain used for organization enrollment",
            "This domain is already used for organization enrollment with verified domains. "
            "Please use a different one.",
            param_name="domains",
        )
    remove_domains_in_the_way(instance, changed, origin)
    return CONNECTIONS.change(instance, changed, origin)


def delete_connection(instance: Instance, connection: Connection, origin: Origin) -> None:
    """Forget a connection, its test runs and the directory behind it."""
    for directory in DIRECTORIES.table(instance).find("connection_id", connection.id):
        delete_directory(instance, directory, origin)
    for run in RUNS.table(instance).find("connection_id", connection.id):
        RUNS.remove(instance, run, origin)
    CONNECTIONS.remove(instance, connection, origin)


def unlink_connections_of(instance: Instance, organization_id: str, origin: Origin) -> None:
    """Let the connections of an organization that goes belong to none."""
    for connection in CONNECTIONS.table(instance).find("organization_id", organization_id):
        CONNECTIONS.change(instance, connection, origin, organization_id=None)


def _changed(instance: Instance, connection: Connection, change: ConnectionChange) -> Connection:
    plain: Any = replace(change, saml=UNSET, oidc=UNSET, domains=UNSET)
    changed = applied(connection, plain)
    if not isinstance(change.domains, Unset):
        domains = check_domains(instance, change.domains, connection.id)
        changed = replace(changed, domains=domains)
    if not isinstance(change.saml, Unset):
        if changed.saml is None:
            raise ApiError.bad_value("saml", "left out: this provider speaks OpenID Connect")
        changed = replace(changed, saml=change_saml(changed.saml, change.saml))
    if not isinstance(change.oidc, Unset):
        if changed.oidc is None:
            raise ApiError.bad_value("oidc", "left out: this provider speaks SAML")
        changed = replace(changed, oidc=change_oidc(changed.oidc, change.oidc))
    _check_attributes(changed.custom_attributes)
    if changed.organization_id is not None:
        ORGANIZATIONS.require(instance, changed.organization_id)
    half = changed.saml or changed.oidc
    if changed.active and half is not None and half.missing:
        raise ApiError.of(
            422,
            "saml_connection_cant_be_activated",
            "SAML Connection can't be activated",
            f"You have to provide the {', '.join(half.missing)} "
            "before you are able to activate this connection.",
            param_name="active",
        )
    return changed


def _check_attributes(attributes: Sequence[CustomAttribute]) -> None:
    for attribute in attributes:
        if not attribute.name:
            raise ApiError.missing_param("custom_attributes.name")
        if not ATTRIBUTE_KEY.fullmatch(attribute.key):
            raise ApiError.bad_format(
                "custom_attributes.key", "letters, digits, - and _, no _ in front"
            )
    if len({attribute.key for attribute in attributes}) < len(attributes):
        raise ApiError.duplicate_values("custom_attributes.key")
