"""Start and finish sessions."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import (
    SESSION_CREATED,
    SESSION_ENDED,
    SESSION_REMOVED,
    SESSION_REVOKED,
)
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.sessions.entity import SESSIONS, Session, SessionStatus, session_resource
from clerk_fake.model.sessions.organizations import (
    active_organization_of_new_session,
    check_active_organization,
)
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import user_json

__all__ = ["create_session", "finish_session", "forget_sessions_of", "revoke_sessions_of"]

DAY_MS: Final = 24 * 60 * 60 * 1000
LIFETIME_MS: Final = 7 * DAY_MS
ABANDONED_AFTER_MS: Final = 30 * DAY_MS

FINISHED_BY: Final[Mapping[SessionStatus, str]] = MappingProxyType(
    {
        SessionStatus.REVOKED: SESSION_REVOKED,
        SessionStatus.ENDED: SESSION_ENDED,
        SessionStatus.REMOVED: SESSION_REMOVED,
    }
)
"""How an active session can be finished, and the event that tells of it."""


def create_session(
    instance: Instance, user: User, origin: Origin, *, organization_id: str | None = None
) -> Session:
    """Sign a user in and emit ``session.created``.

    The user's ``last_sign_in_at`` moves without a new version of the user.

    Args:
        instance: Where.
        user: Who.
        origin: Who asks.
        organization_id: What the session is in; ``None`` for where the user came in or was last.

    Raises:
        ApiError: 422, the user is banned or locked; 404, they are not in the organization.
    """
    now = instance.clock.now_ms()
    _check_may_sign_in(user, now)
    if organization_id is None:
        organization_id = active_organization_of_new_session(instance, user)
    else:
        check_active_organization(instance, user, organization_id)
    session = Session(
        id=instance.ids.new("sess"),
        user_id=user.id,
        client_id=instance.ids.new("client"),
        status=SessionStatus.ACTIVE,
        created_at=now,
        updated_at=now,
        last_active_at=now,
        expire_at=now + LIFETIME_MS,
        abandon_at=now + ABANDONED_AFTER_MS,
        last_active_organization_id=organization_id,
    )
    signed_in = replace(user, last_sign_in_at=now, last_active_at=now - now % DAY_MS)
    instance.state.of(USERS).put(signed_in)
    instance.state.of(SESSIONS).put(session)
    _tell(instance, SESSION_CREATED, session, signed_in, origin)
    return session


def finish_session(
    instance: Instance, session: Session, status: SessionStatus, origin: Origin
) -> Session:
    """Put an active session into one of the states of ``FINISHED_BY``; others stay as they are."""
    now = instance.clock.now_ms()
    user = instance.state.of(USERS).get(session.user_id)
    if user is None or session.status_at(now) is not SessionStatus.ACTIVE:
        return session
    finished = replace(session, status=status, updated_at=max(now, session.updated_at + 1))
    instance.state.of(SESSIONS).put(finished)
    _tell(instance, FINISHED_BY[status], finished, user, origin)
    return finished


def revoke_sessions_of(instance: Instance, user: User, origin: Origin) -> None:
    """Revoke all active sessions of a user."""
    for session in instance.state.of(SESSIONS).find("user_id", user.id):
        finish_session(instance, session, SessionStatus.REVOKED, origin)


def forget_sessions_of(instance: Instance, user: User) -> None:
    """Remove every trace of a deleted user's sessions."""
    sessions = instance.state.of(SESSIONS)
    for session in sessions.find("user_id", user.id):
        sessions.remove(session)


def _check_may_sign_in(user: User, now: int) -> None:
    if user.banned:
        raise ApiError.of(422, "user_banned", "User is banned", "The given user is banned.")
    if user.locked_at(now):
        raise ApiError.of(422, "user_locked", "User is locked", "The given user is locked.")


def _tell(
    instance: Instance, event_type: str, session: Session, user: User, origin: Origin
) -> None:
    now = instance.clock.now_ms()
    payload = {**session_resource(session, now), "user": user_json(instance, user, now)}
    instance.log.append(event_type, payload, origin)
