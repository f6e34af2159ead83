"""Start and finish sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.clients import Client, client_for, forget_session, note_session
from clerk_fake.model.sessions.entity import (
    SESSIONS,
    Session,
    SessionStatus,
    Task,
    session_resource,
)
from clerk_fake.model.sessions.organizations import (
    active_organization_of_new_session,
    check_active_organization,
    note_organization_activity,
)
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import user_json

__all__ = [
    "SignIn",
    "create_session",
    "do_task_of",
    "finish_session",
    "forget_sessions_of",
    "revoke_sessions_of",
    "touch_session",
]

DAY_MS: Final = 24 * 60 * 60 * 1000
LIFETIME_MS: Final = 7 * DAY_MS
ABANDONED_AFTER_MS: Final = 30 * DAY_MS
SESSION_PENDING: Final = "session.pending"

FINISHED_BY: Final[Mapping[SessionStatus, str]] = MappingProxyType(
    {
        SessionStatus.REVOKED: SESSION_REVOKED,
        SessionStatus.ENDED: SESSION_ENDED,
        SessionStatus.REMOVED: SESSION_REMOVED,
    }
)
"""How a live session can be finished, and the event that tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a user comes in.

    Attributes:
        organization_id: What the session is in; ``None`` for where the user came in or was last.
        client_id: The browser; ``None`` for a new one.
        actor: Who impersonates the user.
        lifetime_ms: How long the session lasts.
        strategy: How they proved who they are; the client remembers it.
        has_tasks: Whether what the user has still to do keeps the session pending.
    """

    organization_id: str | None = None
    client_id: str | None = None
    actor: JsonObject | None = None
    lifetime_ms: int = LIFETIME_MS
    strategy: str | None = None
    has_tasks: bool = False


BY_ADMIN: Final = SignIn()


def create_session(
    instance: Instance, user: User, origin: Origin, *, sign_in: SignIn = BY_ADMIN
) -> Session:
    """Sign a user in and emit ``session.created``, or ``session.pending`` when there are tasks.

    The user's ``last_sign_in_at`` moves without a new version of the user.

    Raises:
        ApiError: 403, the user is banned or locked; 404, they are not in the organization, or
            there is no such client; 409, the client is used to impersonate somebody.
    """
    now = instance.clock.now_ms()
    _check_may_sign_in(user, now)
    organization_id = sign_in.organization_id
    if organization_id is None:
        organization_id = active_organization_of_new_session(instance, user)
    else:
        check_active_organization(instance, user, organization_id)
    client = client_for(instance, sign_in.client_id)
    _check_no_impersonation(instance, client, now)
    tasks = _tasks(instance, user, organization_id) if sign_in.has_tasks else ()
    session = Session(
        id=instance.ids.new("sess"),
        user_id=user.id,
        client_id=client.id,
        status=SessionStatus.PENDING if tasks else SessionStatus.ACTIVE,
        created_at=now,
        updated_at=now,
        last_active_at=now,
        expire_at=now + sign_in.lifetime_ms,
        abandon_at=now + ABANDONED_AFTER_MS,
        last_active_organization_id=organization_id,
        actor=sign_in.actor,
        tasks=tasks,
    )
    signed_in = replace(user, last_sign_in_at=now, last_active_at=now - now % DAY_MS)
    instance.state.of(USERS).put(signed_in)
    instance.state.of(SESSIONS).put(session)
    note_organization_activity(instance, session)
    note_session(instance, client, session.id, sign_in.strategy)
    _tell(instance, SESSION_PENDING if tasks else SESSION_CREATED, session, origin)
    return session


def touch_session(
    instance: Instance,
    session: Session,
    origin: Origin,
    *,
    organization_id: str | None = None,
    done: Task | None = None,
) -> Session:
    """Note that a session is used; the last task done makes it active (``session.created``).

    Args:
        instance: Where.
        session: Which; one that is not live stays as it is.
        origin: Who uses it.
        organization_id: The organization that the user chose; does that task as well.
        done: A task that was done.

    Raises:
        ApiError: 404, the user is not in the organization.
    """
    now = instance.clock.now_ms()
    user = instance.state.of(USERS).get(session.user_id)
    if user is None or not session.live_at(now):
        return session
    finished = {done}
    if organization_id is not None:
        check_active_organization(instance, user, organization_id)
        finished.add(Task.CHOOSE_ORGANIZATION)
    tasks = tuple(task for task in session.tasks if task not in finished)
    touched = replace(
        session,
        tasks=tasks,
        status=SessionStatus.PENDING if tasks else SessionStatus.ACTIVE,
        last_active_at=now,
        last_active_organization_id=organization_id or session.last_active_organization_id,
        updated_at=max(now, session.updated_at + 1),
    )
    instance.state.of(SESSIONS).put(touched)
    note_organization_activity(instance, touched)
    instance.state.of(USERS).put(replace(user, last_active_at=now - now % DAY_MS))
    if touched.status is not session.status:
        _tell(instance, SESSION_CREATED, touched, origin)
    return touched


def finish_session(
    instance: Instance, session: Session, status: SessionStatus, origin: Origin
) -> Session:
    """Put a live session into one of the states of ``FINISHED_BY``; others stay as they are."""
    now = instance.clock.now_ms()
    if instance.state.of(USERS).get(session.user_id) is None or not session.live_at(now):
        return session
    finished = replace(session, status=status, updated_at=max(now, session.updated_at + 1))
    instance.state.of(SESSIONS).put(finished)
    forget_session(instance, session.client_id, session.id)
    _tell(instance, FINISHED_BY[status], finished, origin)
    return finished


def revoke_sessions_of(instance: Instance, user: User, origin: Origin) -> None:
    """Revoke all live sessions of a user."""
    for session in instance.state.of(SESSIONS).find("user_id", user.id):
        finish_session(instance, session, SessionStatus.REVOKED, origin)


def do_task_of(instance: Instance, user: User, done: Task, origin: Origin) -> None:
    """Note that a user has done what kept some of their sessions pending."""
    for session in instance.state.of(SESSIONS).find("user_id", user.id):
        if done in session.tasks:
            touch_session(instance, session, origin, done=done)


def forget_sessions_of(instance: Instance, user: User) -> None:
    """Remove every trace of a deleted user's sessions."""
    sessions = instance.state.of(SESSIONS)
    for session in sessions.find("user_id", user.id):
        sessions.remove(session)


def _tasks(instance: Instance, user: User, organization_id: str | None) -> tuple[Task, ...]:
    settings = settings_of(instance).sessions
    tasks = []
    if settings.organization_required and organization_id is None:
        tasks.append(Task.CHOOSE_ORGANIZATION)
    if user.password_compromised:
        tasks.append(Task.RESET_PASSWORD)
    if settings.mfa_required and not user.two_factor_enabled:
        tasks.append(Task.SETUP_MFA)
    return tuple(tasks)


def _check_may_sign_in(user: User, now: int) -> None:
    if user.banned:
        raise ApiError.of(
            403,
            "user_banned",
            "User banned",
            "You have been banned. If you think this was by mistake, please contact support.",
        )
    if user.locked_at(now):
        raise ApiError.of(
            403,
            "user_locked",
            "Account locked",
            "Your account is locked. Please contact support for more information.",
        )


def _check_no_impersonation(instance: Instance, client: Client, now: int) -> None:
    for session in instance.state.of(SESSIONS).find("client_id", client.id):
        if session.actor is not None and session.live_at(now):
            raise ApiError.of(
                409,
                "session_creation_not_allowed",
                "unable to create session",
                "Unable to create new session when an impersonation session is present. "
                "Please sign out first.",
            )


def _tell(instance: Instance, event_type: str, session: Session, origin: Origin) -> None:
    now = instance.clock.now_ms()
    user = instance.state.of(USERS).get(session.user_id)
    if user is not None:
        payload = {**session_resource(session, now), "user": user_json(instance, user, now)}
        instance.log.append(event_type, payload, origin)
