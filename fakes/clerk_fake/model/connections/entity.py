"""An enterprise connection, and how it is found and written."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.connections.oidc import Oidc
from clerk_fake.model.connections.saml import Saml, certificate_dates
from clerk_fake.model.records import Kind
from clerk_fake.model.users.entity import USERS
from clerk_fake.state import Noun

__all__ = [
    "CONNECTIONS",
    "Connection",
    "CustomAttribute",
    "Provider",
    "custom_attributes_resource",
    "require_saml_connection",
    "saml_connection_resource",
]


class Provider(StrEnum):
    """Whose identity provider it is."""

    SAML_CUSTOM = "saml_custom"
    SAML_OKTA = "saml_okta"
    SAML_GOOGLE = "saml_google"
    SAML_MICROSOFT = "saml_microsoft"
    OIDC_CUSTOM = "oidc_custom"
    OIDC_GITHUB_ENTERPRISE = "oidc_github_enterprise"
    OIDC_GITLAB = "oidc_gitlab"

    @property
    def is_saml(self) -> bool:
        """Whether it speaks SAML; OpenID Connect else."""
        return self.value.startswith("saml_")


@dataclass(frozen=True, slots=True)
class CustomAttribute:
    """A further attribute that users bring along; ``scim_path`` is also ``directory_path``."""

    name: str
    key: str
    sso_path: str = ""
    scim_path: str = ""
    multi_valued: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection; names are those of Clerk's API, times Unix ms. One of the halves is there."""

    id: str
    name: str
    provider: Provider
    domains: tuple[str, ...]
    created_at: int
    updated_at: int
    active: bool = False
    organization_id: str | None = None
    sync_user_attributes: bool = True
    disable_additional_identifications: bool = False
    allow_organization_account_linking: bool = False
    custom_attributes: tuple[CustomAttribute, ...] = ()
    saml: Saml | None = None
    oidc: Oidc | None = None


def _resource(instance: Instance, connection: Connection) -> JsonObject:
    return {
        "object": "enterprise_connection",
        "id": connection.id,
        "name": connection.name,
        "provider": connection.provider.value,
        "logo_public_url": None,
        "active": connection.active,
        **_sign_in_rules(connection),
        "domains": list(connection.domains),
        "organization_id": connection.organization_id,
        "sync_user_attributes": connection.sync_user_attributes,
        "disable_additional_identifications": connection.disable_additional_identifications,
        "allow_organization_account_linking": connection.allow_organization_account_linking,
        "custom_attributes": custom_attributes_resource(connection),
        "saml_connection": _saml_part(instance, connection),
        "oauth_config": _oidc_part(connection),
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    }


def custom_attributes_resource(connection: Connection) -> list[JsonObject]:
    """Return the further attributes as Clerk writes them."""
    return [_attribute_resource(attribute) for attribute in connection.custom_attributes]


def _attribute_resource(attribute: CustomAttribute) -> JsonObject:
    return {
        "name": attribute.name,
        "key": attribute.key,
        "sso_path": attribute.sso_path,
        "scim_path": attribute.scim_path,
        "directory_path": attribute.scim_path,
        "multi_valued": attribute.multi_valued,
    }


def _saml_part(instance: Instance, connection: Connection) -> JsonObject | None:
    saml = connection.saml
    if saml is None:
        return None
    return {
        "id": saml.id,
        "name": saml.name or connection.name,
        "idp_entity_id": saml.idp_entity_id,
        "idp_sso_url": saml.idp_sso_url,
        "idp_metadata_url": saml.idp_metadata_url,
        **_service_provider(instance, saml),
        "active": connection.active,
        "allow_idp_initiated": saml.allow_idp_initiated,
        "allow_subdomains": saml.allow_subdomains,
        "force_authn": saml.force_authn,
        "login_hint": _login_hint(saml),
    }


def _oidc_part(connection: Connection) -> JsonObject | None:
    oidc = connection.oidc
    if oidc is None:
        return None
    return {
        "id": oidc.id,
        "name": connection.name,
        "provider_key": connection.provider.value,
        "client_id": oidc.client_id,
        "discovery_url": oidc.discovery_url,
        "auth_url": oidc.auth_url,
        "token_url": oidc.token_url,
        "user_info_url": oidc.user_info_url,
        "requires_pkce": oidc.requires_pkce,
        "logo_public_url": None,
        "created_at": oidc.created_at,
        "updated_at": oidc.updated_at,
    }


def saml_connection_resource(instance: Instance, connection: Connection) -> JsonObject:
    """Return the connection as the older operations write it.

    Raises:
        ApiError: 404, it does not speak SAML.
    """
    saml = connection.saml
    if saml is None:
        raise ApiError.not_found("SAML connection", connection.id)
    dates = (
        (None, None) if saml.idp_certificate is None else certificate_dates(saml.idp_certificate)
    )
    mapping = saml.attribute_mapping
    return {
        "object": "saml_connection",
        "id": saml.id,
        "name": saml.name or connection.name,
        "domain": connection.domains[0],
        "domains": list(connection.domains),
        "idp_entity_id": saml.idp_entity_id,
        "idp_sso_url": saml.idp_sso_url,
        "idp_certificate": saml.idp_certificate,
        "idp_certificate_issued_at": dates[0],
        "idp_certificate_expires_at": dates[1],
        "idp_metadata_url": saml.idp_metadata_url,
        "idp_metadata": saml.idp_metadata,
        **_service_provider(instance, saml),
        "organization_id": connection.organization_id,
        "attribute_mapping": {
            "user_id": mapping.user_id,
            "email_address": mapping.email_address,
            "first_name": mapping.first_name,
            "last_name": mapping.last_name,
        },
        "active": connection.active,
        **_sign_in_rules(connection),
        "provider": connection.provider.value,
        "user_count": len(instance.state.of(USERS).find("enterprise_connection", connection.id)),
        "sync_user_attributes": connection.sync_user_attributes,
        "allow_subdomains": saml.allow_subdomains,
        "allow_idp_initiated": saml.allow_idp_initiated,
        "disable_additional_identifications": connection.disable_additional_identifications,
        "allow_organization_account_linking": connection.allow_organization_account_linking,
        "force_authn": saml.force_authn,
        "login_hint": _login_hint(saml),
        "enterprise_connection_id": connection.id,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    }


def _sign_in_rules(connection: Connection) -> JsonObject:
    """Return two entries that Clerk's description requires and does not describe."""
    return {"authenticatable": connection.active, "disable_jit_provisioning": False}


def _login_hint(saml: Saml) -> JsonObject:
    hint: JsonObject = {"mode": saml.login_hint.mode.value}
    if saml.login_hint.source is not None:
        hint["source"] = saml.login_hint.source
    return hint


def _service_provider(instance: Instance, saml: Saml) -> JsonObject:
    base = f"{instance.identity.issuer}/v1/saml"
    return {
        "acs_url": f"{base}/acs/{saml.id}",
        "sp_entity_id": f"{base}/{saml.id}",
        "sp_metadata_url": f"{base}/metadata/{saml.id}.xml",
    }


CONNECTIONS: Final = Kind(
    Noun(
        "enterprise_connections",
        Connection,
        {
            "domain": lambda connection: connection.domains,
            "organization_id": lambda connection: (connection.organization_id or "",),
            "saml_id": lambda connection: () if connection.saml is None else (connection.saml.id,),
            "saml": lambda connection: () if connection.saml is None else ("",),
        },
    ),
    what="enterprise connection",
    prefix="entconn",
    wire_name="enterprise_connection",
    resource=_resource,
)


def require_saml_connection(instance: Instance, saml_id: str) -> Connection:
    """Return the connection that the older operations know by this id.

    Raises:
        ApiError: 404, there is none.
    """
    found = CONNECTIONS.table(instance).find("saml_id", saml_id)
    if not found:
        raise ApiError.not_found("SAML connection", saml_id)
    return found[0]
