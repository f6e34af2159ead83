"""Admin portal link tokens: single-use links with which an IT contact sets up a connection."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.records import Kind
from clerk_fake.model.revocation import Revocation
from clerk_fake.model.secrets import new_secret
from clerk_fake.state import Noun

__all__ = [
    "LINK_TOKENS",
    "LinkToken",
    "LinkTokenDraft",
    "create_link_token",
    "link_token_with_secret",
    "revoke_link_token",
]

DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class LinkToken:
    """A token; times are Unix ms.

    Attributes:
        link_id: The link that it was issued for.
        token: The secret, shown once.
    """

    id: str
    link_id: str
    token: str
    organization_id: str | None
    it_contact_id: str | None
    scopes: tuple[str, ...] | None
    expires_at: int
    created_at: int
    updated_at: int
    revoked: bool = False
    revocation_reason: str | None = None


@dataclass(frozen=True, slots=True)
class LinkTokenDraft:
    """What ``POST /v1/admin_portal_link_tokens`` takes."""

    organization_id: str | None = None
    it_contact_id: Annotated[str, Length(1, 255)] | None = None
    scopes: Annotated[tuple[str, ...], Length(0, 100)] | None = None
    seconds_until_expiration: Annotated[int, Between(1, DAY_S)] = 3600


def _resource(instance: Instance, token: LinkToken) -> JsonObject:
    now = instance.clock.now_ms()
    return {
        "object": "admin_portal_link_token",
        "id": token.id,
        "admin_portal_link_id": token.link_id,
        "instance_id": instance.id,
        "organization_id": token.organization_id,
        "it_contact_id": token.it_contact_id,
        "scopes": None if token.scopes is None else list(token.scopes),
        "revoked": token.revoked,
        "revocation_reason": token.revocation_reason,
        "expired": token.expires_at <= now,
        "expiration": token.expires_at,
        "created_at": token.created_at,
        "updated_at": token.updated_at,
    }


LINK_TOKENS: Final = Kind(
    Noun("admin_portal_link_tokens", LinkToken),
    what="admin portal link token",
    prefix="aplt",
    wire_name="admin_portal_link_token",
    resource=_resource,
)


def create_link_token(instance: Instance, draft: LinkTokenDraft, origin: Origin) -> LinkToken:
    """Issue a token for a new link.

    Raises:
        ApiError: 422, a scope is empty; 400, there is no such organization.
    """
    if draft.organization_id is not None:
        _check_organization(instance, draft.organization_id)
    if draft.scopes is not None and not all(draft.scopes):
        raise ApiError.bad_format("scopes", "scopes that are not empty")
    now = instance.clock.now_ms()
    token = LinkToken(
        id=instance.ids.new_hexadecimal(LINK_TOKENS.prefix),
        link_id=instance.ids.new("apl"),
        token=new_secret(instance, "aplt_"),
        organization_id=draft.organization_id,
        it_contact_id=draft.it_contact_id,
        scopes=draft.scopes,
        expires_at=now + draft.seconds_until_expiration * 1000,
        created_at=now,
        updated_at=now,
    )
    return LINK_TOKENS.add(instance, token, origin)


def revoke_link_token(
    instance: Instance, token: LinkToken, revocation: Revocation, origin: Origin
) -> LinkToken:
    """Take a token back; once is enough, the first reason stays."""
    if token.revoked:
        return token
    reason = revocation.revocation_reason
    return LINK_TOKENS.change(instance, token, origin, revoked=True, revocation_reason=reason)


def link_token_with_secret(instance: Instance, token: LinkToken) -> JsonObject:
    """Return a token with its secret, which is shown once."""
    return {**LINK_TOKENS.resource(instance, token), "token": token.token}


def _check_organization(instance: Instance, organization_id: str) -> None:
    if ORGANIZATIONS.table(instance).get(organization_id) is None:
        raise ApiError.of(
            400,
            "resource_not_found",
            "not found",
            f"No organization was found with id {organization_id}.",
            param_name="organization_id",
        )
