"""What an instance adds to the tokens of all sessions."""

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.jwt_templates.scope import scope_of
from clerk_fake.model.jwt_templates.shortcodes import render
from clerk_fake.model.sessions.entity import Session
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.users.entity import USERS

__all__ = ["custom_claims"]


def custom_claims(instance: Instance, session: Session) -> JsonObject:
    """Return the claims that the instance adds to every session token."""
    template = settings_of(instance).sessions.claims
    user = instance.state.of(USERS).get(session.user_id)
    if not template or user is None:
        return {}
    claims: JsonObject = render(template, scope_of(instance, user, session))
    return claims
