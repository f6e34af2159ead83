"""What somebody granted to an application, and the opaque access tokens that came of it."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.secrets import secret_digest
from clerk_fake.state import Noun

__all__ = [
    "OAUTH_GRANTS",
    "OAUTH_TOKENS",
    "OAuthGrant",
    "OAuthToken",
    "forget_oauth_grants_of",
    "oauth_token_resource",
]


@dataclass(frozen=True, slots=True)
class OAuthGrant:
    """A user let an application act for them; times are Unix ms.

    Attributes:
        secret: The refresh token, which never expires; empty when there is none.
    """

    id: str
    application_id: str
    user_id: str
    scopes: tuple[str, ...]
    secret: str
    created_at: int
    updated_at: int
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """An access token; times are Unix ms.

    Attributes:
        id: ``oat_…``, hexadecimal.
        secret: What is shown to others: ``oat_…``, or a JWT, which is not kept.
    """

    id: str
    grant_id: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    secret: str
    expiration: int
    created_at: int
    updated_at: int
    revoked: bool = False
    revocation_reason: str | None = None


def _grant_resource(_instance: Instance, grant: OAuthGrant) -> JsonObject:
    return {"id": grant.id, "scope": " ".join(grant.scopes), "revoked": grant.revoked}


def oauth_token_resource(instance: Instance, token: OAuthToken) -> JsonObject:
    """Return the token as Clerk writes it, without its secret; times are seconds here."""
    return {
        "object": "clerk_idp_oauth_access_token",
        "id": token.id,
        "client_id": token.client_id,
        "subject": token.user_id,
        "scopes": list(token.scopes),
        "revoked": token.revoked,
        "revocation_reason": token.revocation_reason,
        "expired": instance.clock.now_ms() >= token.expiration,
        "expiration": token.expiration // 1000,
        "created_at": token.created_at // 1000,
        "updated_at": token.updated_at // 1000,
    }


OAUTH_GRANTS: Final = Kind(
    Noun(
        "oauth_grants",
        OAuthGrant,
        {
            "secret": lambda grant: (secret_digest(grant.secret),) if grant.secret else (),
            "application_id": lambda grant: (grant.application_id,),
            "user_id": lambda grant: (grant.user_id,),
        },
    ),
    what="OAuth grant",
    prefix="oauthgrant",
    wire_name="oauth_grant",
    resource=_grant_resource,
)

OAUTH_TOKENS: Final = Kind(
    Noun(
        "oauth_tokens",
        OAuthToken,
        {
            "secret": lambda token: (secret_digest(token.secret),),
            "grant_id": lambda token: (token.grant_id,),
        },
    ),
    what="OAuth access token",
    prefix="oat",
    wire_name="clerk_idp_oauth_access_token",
    resource=oauth_token_resource,
)


def forget_oauth_grants_of(
    instance: Instance, *, application_id: str | None = None, user_id: str | None = None
) -> None:
    """Forget what was granted to an application, or by a user, with all tokens."""
    grants, tokens = OAUTH_GRANTS.table(instance), OAUTH_TOKENS.table(instance)
    to_application = grants.find("application_id", application_id or "")
    for grant in (*to_application, *grants.find("user_id", user_id or "")):
        for token in tokens.find("grant_id", grant.id):
            tokens.remove(token)
        grants.remove(grant)
