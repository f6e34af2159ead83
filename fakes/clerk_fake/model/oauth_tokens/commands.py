"""Verify and revoke access tokens."""

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.oauth_applications.entity import OAuthApplication
from clerk_fake.model.oauth_tokens.entity import (
    OAUTH_GRANTS,
    OAUTH_TOKENS,
    OAuthGrant,
    OAuthToken,
)
from clerk_fake.model.oauth_tokens.jwts import is_jwt, read_oauth_jwt
from clerk_fake.model.secrets import find_by_secret

__all__ = ["revoke_oauth_token", "verify_oauth_token"]


def verify_oauth_token(instance: Instance, secret: str) -> OAuthToken | None:
    """Return the access token that this is; ``None`` for a JWT that has expired.

    Raises:
        ApiError: 404, there is no such token, or an opaque one is revoked or expired. Clerk's
            clients take any other answer for a failure of the service.
    """
    now = instance.clock.now_ms()
    if is_jwt(secret):
        token = read_oauth_jwt(instance, secret)
        if token is None:
            raise _refused("No OAuth access token was found with this secret.")
        return token if now < token.expiration else None
    token = find_by_secret(OAUTH_TOKENS.table(instance), secret)
    if token is None:
        raise _refused("No OAuth access token was found with this secret.")
    if token.revoked:
        raise _refused("The OAuth access token was revoked.")
    if now >= token.expiration:
        raise _refused("The OAuth access token has expired.")
    return token


def revoke_oauth_token(
    instance: Instance, application: OAuthApplication, secret: str, origin: Origin
) -> None:
    """Revoke all tokens of the grant to which an access or refresh token belongs.

    What is revoked already stays as it is.

    Raises:
        ApiError: 422, it is a JWT; 404, the application has no such token.
    """
    if is_jwt(secret):
        raise ApiError.bad_value(
            "token", "opaque: access tokens that are JWTs cannot be revoked, they expire"
        )
    grant = _grant_of(instance, secret)
    if grant is None or grant.application_id != application.id:
        raise _refused(f"The application {application.id} has no such token.")
    if grant.revoked:
        return
    OAUTH_GRANTS.change(instance, grant, origin, revoked=True)
    for token in OAUTH_TOKENS.table(instance).find("grant_id", grant.id):
        OAUTH_TOKENS.change(instance, token, origin, revoked=True)


def _grant_of(instance: Instance, secret: str) -> OAuthGrant | None:
    grants = OAUTH_GRANTS.table(instance)
    token = find_by_secret(OAUTH_TOKENS.table(instance), secret)
    return find_by_secret(grants, secret) if token is None else grants.get(token.grant_id)


def _refused(why: str) -> ApiError:
    return ApiError.of(404, "resource_not_found", "not found", why)
