"""Give out access tokens, as the Frontend API does when somebody has consented."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.oauth_applications.entity import OAUTH_APPLICATIONS, OAuthApplication
from clerk_fake.model.oauth_applications.scopes import OFFLINE_ACCESS, read_scopes
from clerk_fake.model.oauth_tokens.entity import (
    OAUTH_GRANTS,
    OAUTH_TOKENS,
    OAuthGrant,
    OAuthToken,
)
from clerk_fake.model.oauth_tokens.jwts import sign_oauth_jwt
from clerk_fake.model.secrets import new_secret
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.users.entity import require_user

__all__ = ["OAuthTokenDraft", "issue_oauth_token"]

DAY_S: Final = 24 * 60 * 60
LONGEST_LIFE_S: Final = 10**9


class TokenFormat(StrEnum):
    """What a token looks like."""

    OPAQUE = "opaque"
    JWT = "jwt"


@dataclass(frozen=True, slots=True)
class OAuthTokenDraft:
    """What the control plane takes.

    Attributes:
        oauth_application_id: To whom it is given.
        user_id: Who consented.
        scopes: To what, with blanks in between; ``None`` for everything the application may ask.
        token_format: ``None`` for what the instance's settings say.
        grant_id: A further token of an earlier consent, as if the client had refreshed it.
    """

    oauth_application_id: str
    user_id: str
    scopes: str | None = None
    token_format: TokenFormat | None = None
    seconds_until_expiration: Annotated[int, Between(1, LONGEST_LIFE_S)] = DAY_S
    grant_id: str | None = None


def issue_oauth_token(instance: Instance, draft: OAuthTokenDraft, origin: Origin) -> JsonObject:
    """Give a token to an application; return what its client gets, with ``id`` and ``grant_id``.

    Raises:
        ApiError: 404, there is no such application, user or grant; 400, the application may not
            ask for a scope; 422, the grant is another's or revoked.
    """
    application = OAUTH_APPLICATIONS.require(instance, draft.oauth_application_id)
    require_user(instance, draft.user_id)
    grant = _grant(instance, application, draft, origin)
    now = instance.clock.now_ms()
    token = OAuthToken(
        id=instance.ids.new_hexadecimal(OAUTH_TOKENS.prefix),
        grant_id=grant.id,
        client_id=application.client_id,
        user_id=grant.user_id,
        scopes=grant.scopes,
        secret="",
        expiration=now + draft.seconds_until_expiration * 1000,
        created_at=now,
        updated_at=now,
    )
    if _wanted_format(instance, draft) is TokenFormat.JWT:
        shown = sign_oauth_jwt(instance, token)
    else:
        shown = new_secret(instance, "oat_")
        OAUTH_TOKENS.add(instance, replace(token, secret=shown), origin)
    return {
        "id": token.id,
        "grant_id": grant.id,
        "access_token": shown,
        "refresh_token": grant.secret or None,
        "token_type": "bearer",
        "expires_in": draft.seconds_until_expiration,
        "scope": " ".join(grant.scopes),
    }


def _grant(
    instance: Instance, application: OAuthApplication, draft: OAuthTokenDraft, origin: Origin
) -> OAuthGrant:
    if draft.grant_id is not None:
        grant = OAUTH_GRANTS.require(instance, draft.grant_id)
        theirs = (grant.application_id, grant.user_id) == (application.id, draft.user_id)
        if grant.revoked or not theirs:
            raise ApiError.bad_value("grant_id", "a grant of this user to this application")
        return grant
    scopes = application.scopes if draft.scopes is None else read_scopes(draft.scopes)
    if not set(scopes) <= set(application.scopes):
        raise ApiError.of(
            400,
            "oauth_invalid_scope",
            "Invalid scope.",
            f"The application may ask for {' '.join(application.scopes)} only.",
            param_name="scopes",
        )
    now = instance.clock.now_ms()
    grant = OAuthGrant(
        id=OAUTH_GRANTS.new_id(instance),
        application_id=application.id,
        user_id=draft.user_id,
        scopes=scopes,
        secret=new_secret(instance, "ort_") if OFFLINE_ACCESS in scopes else "",
        created_at=now,
        updated_at=now,
    )
    return OAUTH_GRANTS.add(instance, grant, origin)


def _wanted_format(instance: Instance, draft: OAuthTokenDraft) -> TokenFormat:
    if draft.token_format is not None:
        return draft.token_format
    jwt = settings_of(instance).oauth_applications.oauth_jwt_access_tokens
    return TokenFormat.JWT if jwt else TokenFormat.OPAQUE
