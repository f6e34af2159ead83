"""Actor tokens: links by which somebody comes in as somebody else, once."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.sign_in_tokens import TokenStatus
from clerk_fake.model.users.entity import USERS
from clerk_fake.state import Noun
from clerk_fake.tokens.tickets import Ticket, sign_ticket, ticket_url

__all__ = [
    "ACTOR_TOKENS",
    "ActorToken",
    "ActorTokenDraft",
    "create_actor_token",
    "revoke_actor_token",
]

HOUR_S: Final = 60 * 60
HALF_AN_HOUR_S: Final = 30 * 60
LONGEST_S: Final = 100 * 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorToken:
    """A token; times are Unix ms.

    Attributes:
        user_id: Who is impersonated.
        actor: Who does it, as session tokens say it in ``act``; ``sub`` is their id.
        session_lifetime_s: How long the session lasts.
        token: The ticket that its link carries.
    """

    id: str
    created_at: int
    updated_at: int
    user_id: str
    actor: JsonObject
    session_lifetime_s: int
    status: TokenStatus
    token: str


@dataclass(frozen=True, slots=True)
class ActorTokenDraft:
    """What ``POST /v1/actor_tokens`` takes."""

    user_id: str
    actor: JsonObject
    expires_in_seconds: Annotated[int, Between(1, LONGEST_S)] = HOUR_S
    session_max_duration_in_seconds: Annotated[int, Between(1, LONGEST_S)] = HALF_AN_HOUR_S


def _resource(instance: Instance, token: ActorToken) -> JsonObject:
    return {
        "object": "actor_token",
        "id": token.id,
        "user_id": token.user_id,
        "actor": token.actor,
        "status": token.status.value,
        "token": token.token,
        "url": ticket_url(instance.identity.issuer, token.token),
        "created_at": token.created_at,
        "updated_at": token.updated_at,
    }


ACTOR_TOKENS: Final = Kind(
    Noun("actor_tokens", ActorToken),
    what="actor token",
    prefix="act",
    wire_name="actor_token",
    resource=_resource,
)


def create_actor_token(instance: Instance, draft: ActorTokenDraft, origin: Origin) -> ActorToken:
    """Make a token.

    Raises:
        ApiError: 422, the actor has no ``sub``, or there is no such user.
    """
    subject = draft.actor.get("sub")
    if not isinstance(subject, str) or not subject:
        raise ApiError.missing_param("actor.sub")
    if instance.state.of(USERS).get(draft.user_id) is None:
        raise ApiError.of(
            422,
            "form_resource_not_found",
            "is missing",
            "The resource associated with the supplied user_id was not found.",
            param_name="user_id",
        )
    now = instance.clock.now_ms()
    token_id = ACTOR_TOKENS.new_id(instance)
    ticket = Ticket(
        kind="actor_token",
        instance_id=instance.id,
        source_id=token_id,
        expires_at_s=now // 1000 + draft.expires_in_seconds,
    )
    token = ActorToken(
        id=token_id,
        created_at=now,
        updated_at=now,
        user_id=draft.user_id,
        actor=draft.actor,
        session_lifetime_s=draft.session_max_duration_in_seconds,
        status=TokenStatus.PENDING,
        token=sign_ticket(ticket, instance.signing_key),
    )
    return ACTOR_TOKENS.add(instance, token, origin)


def revoke_actor_token(instance: Instance, token: ActorToken, origin: Origin) -> ActorToken:
    """Make a token void.

    Raises:
        ApiError: 400, it was accepted or revoked before.
    """
    if token.status is not TokenStatus.PENDING:
        raise ApiError.of(
            400,
            "actor_token_cannot_be_revoked_code",
            "cannot revoke",
            f"Actor token cannot be revoked because its status is {token.status.value}. "
            "Only pending tokens can be revoked.",
        )
    return ACTOR_TOKENS.change(instance, token, origin, status=TokenStatus.REVOKED)
