"""Sign-in tokens: links by which a user comes in without any other proof, once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.organizations.enabling import check_organizations_enabled
from clerk_fake.model.records import Kind
from clerk_fake.model.sessions.organizations import check_active_organization
from clerk_fake.model.users.entity import require_user
from clerk_fake.state import Noun
from clerk_fake.tokens.tickets import Ticket, sign_ticket, ticket_url

__all__ = [
    "SIGN_IN_TOKENS",
    "SignInToken",
    "SignInTokenDraft",
    "TokenStatus",
    "create_sign_in_token",
    "revoke_sign_in_token",
]

THIRTY_DAYS_S: Final = 30 * 24 * 60 * 60
LONGEST_S: Final = 100 * 365 * 24 * 60 * 60


class TokenStatus(StrEnum):
    """What has become of a token."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInToken:
    """A token; times are Unix ms.

    Attributes:
        token: The ticket that its link carries.
        organization_id: Where the user comes in; ``None`` for where they were last.
    """

    id: str
    created_at: int
    updated_at: int
    user_id: str
    status: TokenStatus
    token: str
    organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignInTokenDraft:
    """What ``POST /v1/sign_in_tokens`` takes."""

    user_id: str
    org_id: str | None = None
    expires_in_seconds: Annotated[int, Between(1, LONGEST_S)] = THIRTY_DAYS_S


def _resource(instance: Instance, token: SignInToken) -> JsonObject:
    return {
        "object": "sign_in_token",
        "id": token.id,
        "user_id": token.user_id,
        "status": token.status.value,
        "token": token.token,
        "url": ticket_url(instance.identity.issuer, token.token),
        "created_at": token.created_at,
        "updated_at": token.updated_at,
    }


SIGN_IN_TOKENS: Final = Kind(
    Noun("sign_in_tokens", SignInToken),
    what="sign-in token",
    prefix="sit",
    wire_name="sign_in_token",
    resource=_resource,
)


def create_sign_in_token(
    instance: Instance, draft: SignInTokenDraft, origin: Origin
) -> SignInToken:
    """Make a token.

    Raises:
        ApiError: 404, there is no such user, or they are not in the organization; 403,
            organizations are switched off.
    """
    user = require_user(instance, draft.user_id)
    if draft.org_id:
        check_organizations_enabled(instance)
        check_active_organization(instance, user, draft.org_id)
    now = instance.clock.now_ms()
    token_id = SIGN_IN_TOKENS.new_id(instance)
    ticket = Ticket(
        kind="sign_in_token",
        instance_id=instance.id,
        source_id=token_id,
        expires_at_s=now // 1000 + draft.expires_in_seconds,
    )
    token = SignInToken(
        id=token_id,
        created_at=now,
        updated_at=now,
        user_id=user.id,
        status=TokenStatus.PENDING,
        token=sign_ticket(ticket, instance.signing_key),
        organization_id=draft.org_id or None,
    )
    return SIGN_IN_TOKENS.add(instance, token, origin)


def revoke_sign_in_token(instance: Instance, token: SignInToken, origin: Origin) -> SignInToken:
    """Make a token void.

    Raises:
        ApiError: 400, it was accepted or revoked before.
    """
    if token.status is not TokenStatus.PENDING:
        raise ApiError.of(
            400,
            "sign_in_token_cannot_be_revoked_code",
            "cannot revoke",
            f"Sign in token cannot be revoked because its status is {token.status.value}. "
            "Only pending tokens can be revoked.",
        )
    return SIGN_IN_TOKENS.change(instance, token, origin, status=TokenStatus.REVOKED)
