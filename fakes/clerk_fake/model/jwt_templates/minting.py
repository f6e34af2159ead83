"""Tokens made from JWT templates, and the claims that session tokens are given besides."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.jwt_templates.entity import JwtTemplate, jwt_template_of_name
from clerk_fake.model.jwt_templates.scope import scope_of
from clerk_fake.model.jwt_templates.shortcodes import render
from clerk_fake.model.sessions.entity import SESSIONS
from clerk_fake.model.users.entity import require_user
from clerk_fake.tokens.algorithms import sign_with
from clerk_fake.tokens.jwt import sign_jwt

__all__ = ["create_token_from_template"]

TOKEN_ID_LENGTH = 20
HEXADECIMAL = "0123456789abcdef"


def create_token_from_template(
    instance: Instance, session_id: str, template_name: str, lifetime_s: int | None = None
) -> str:
    """Return a token for a live session whose claims are those of a template.

    Args:
        instance: Where.
        session_id: Of whom it speaks.
        template_name: Of the template.
        lifetime_s: Seconds; ``None`` for the template's.

    Raises:
        ApiError: 404, there is no such template, no such session, or it is not live.
    """
    template = jwt_template_of_name(instance, template_name)
    session = instance.state.of(SESSIONS).get(session_id)
    if session is None or not session.live_at(instance.clock.now_ms()):
        raise ApiError.not_found("active session", session_id)
    user = require_user(instance, session.user_id)
    rendered: JsonObject = render(template.claims, scope_of(instance, user, session))
    claims = rendered | _default_claims(instance, template, user.id, lifetime_s)
    if template.signing_key is None:
        return sign_jwt(claims, instance.signing_key)
    return sign_with(template.signing_algorithm, template.signing_key, claims)


def _default_claims(
    instance: Instance, template: JwtTemplate, user_id: str, lifetime_s: int | None
) -> JsonObject:
    now_s = instance.token_time_s()
    return {
        "exp": now_s + (lifetime_s or template.lifetime),
        "iat": now_s,
        "iss": instance.identity.issuer,
        "jti": instance.ids.text(HEXADECIMAL, TOKEN_ID_LENGTH),
        "nbf": now_s - template.allowed_clock_skew,
        "sub": user_id,
    }
