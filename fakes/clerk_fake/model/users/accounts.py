"""What connects a user with other systems: OAuth and enterprise accounts, passkeys.

They come from a front end or an identity provider; here the control plane plants them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.resource import Link, verification_resource

__all__ = [
    "EnterpriseAccount",
    "ExternalAccount",
    "Passkey",
    "Protocol",
    "enterprise_account_resource",
    "external_account_resource",
    "links_of",
    "passkey_resource",
    "saml_account_resource",
]

ENTERPRISE_STRATEGY: Final = "oauth_custom_enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAccount:
    """An account at an OAuth provider; names are those of Clerk's API, times are ms.

    Attributes:
        id: ``eac_…``.
        identification_id: ``idn_…``.
        provider: E.g. ``oauth_google``.
        approved_scopes: Separated by spaces.
        token: The OAuth access token; ``None`` when the provider gave none.
        token_expires_at: ``None``: never.
        refresh_token: Gets a new token for an expired one.
    """

    id: str
    identification_id: str
    created_at: int
    updated_at: int
    provider: str
    provider_user_id: str
    email_address: str
    approved_scopes: str = ""
    email_address_verified: bool | None = None
    first_name: str = ""
    last_name: str = ""
    username: str | None = None
    image_url: str | None = None
    phone_number: str | None = None
    label: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    token: str | None = None
    token_secret: str | None = None
    id_token: str | None = None
    token_expires_at: int | None = None
    refresh_token: str | None = None


class Protocol(StrEnum):
    """How an enterprise connection authenticates."""

    SAML = "saml"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseAccount:
    """An account at an enterprise's identity provider; names are those of Clerk's API.

    Attributes:
        id: ``entacc_…``.
        created_at: ms.
    """

    id: str
    created_at: int
    protocol: Protocol
    provider: str
    email_address: str
    active: bool = True
    first_name: str | None = None
    last_name: str | None = None
    provider_user_id: str | None = None
    enterprise_connection_id: str | None = None
    last_authenticated_at: int | None = None
    public_metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey; times are ms.

    Attributes:
        id: ``idn_…``.
    """

    id: str
    created_at: int
    name: str
    last_used_at: int


def links_of(accounts: tuple[ExternalAccount, ...]) -> Iterator[Link]:
    """Yield what ties e-mail addresses to connected accounts."""
    for account in accounts:
        yield Link(account.provider, account.identification_id, account.email_address)


def external_account_resource(account: ExternalAccount) -> JsonObject:
    """Return the account as Clerk writes it, without its tokens."""
    return {
        "object": "external_account",
        "id": account.id,
        "provider": account.provider,
        "identification_id": account.identification_id,
        "provider_user_id": account.provider_user_id,
        "approved_scopes": account.approved_scopes,
        "email_address": account.email_address,
        "email_address_verified": account.email_address_verified,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "avatar_url": account.image_url or "",
        "image_url": account.image_url,
        "username": account.username,
        "phone_number": account.phone_number,
        "public_metadata": account.public_metadata,
        "label": account.label,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "verification": {
            **verification_resource(account.provider),
            "expire_at": account.created_at,
        },
    }


def enterprise_account_resource(account: EnterpriseAccount) -> JsonObject:
    """Return the account as Clerk writes it."""
    strategy = "saml" if account.protocol is Protocol.SAML else ENTERPRISE_STRATEGY
    return {
        "id": account.id,
        "object": "enterprise_account",
        "protocol": account.protocol.value,
        "provider": account.provider,
        "active": account.active,
        "email_address": account.email_address,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "provider_user_id": account.provider_user_id,
        "enterprise_connection_id": account.enterprise_connection_id,
        "public_metadata": account.public_metadata,
        "verification": {**verification_resource(strategy), "expire_at": account.created_at},
        "enterprise_connection": None,
        "last_authenticated_at": account.last_authenticated_at,
    }


def saml_account_resource(account: EnterpriseAccount) -> JsonObject:
    """Return an enterprise account as Clerk wrote it when there was only SAML, and still does."""
    return {
        "id": account.id,
        "object": "saml_account",
        "provider": account.provider,
        "active": account.active,
        "email_address": account.email_address,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "provider_user_id": account.provider_user_id,
        "last_authenticated_at": account.last_authenticated_at,
        "public_metadata": account.public_metadata,
        "verification": {**verification_resource("saml"), "expire_at": account.created_at},
        "saml_connection": None,
    }


def passkey_resource(passkey: Passkey) -> JsonObject:
    """Return the passkey as Clerk writes it."""
    return {
        "id": passkey.id,
        "object": "passkey",
        "name": passkey.name,
        "last_used_at": passkey.last_used_at,
        "verification": verification_resource("passkey"),
    }
