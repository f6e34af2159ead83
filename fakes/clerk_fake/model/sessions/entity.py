"""A session, as an instance remembers it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.state import Noun

__all__ = ["SESSIONS", "Session", "SessionStatus", "Task", "require_session", "session_resource"]


class SessionStatus(StrEnum):
    """Clerk's session states."""

    ACTIVE = "active"
    REVOKED = "revoked"
    ENDED = "ended"
    EXPIRED = "expired"
    REMOVED = "removed"
    ABANDONED = "abandoned"
    REPLACED = "replaced"
    PENDING = "pending"


class Task(StrEnum):
    """What a user has to do before a pending session becomes active."""

    CHOOSE_ORGANIZATION = "choose-organization"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - Clerk's name of a task
    SETUP_MFA = "setup-mfa"


LIVE: Final = (SessionStatus.ACTIVE, SessionStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Session:
    """A session; times are Unix ms.

    Attributes:
        id: ``sess_…``.
        user_id: Whose it is.
        client_id: The browser or device it lives in.
        status: As last set; ``status_at`` also knows of the time that has passed.
        created_at: Also when the first factor was verified.
        updated_at: Last change.
        last_active_at: Last use.
        expire_at: From then on it is expired.
        abandon_at: From then on it is abandoned.
        last_active_organization_id: The organization that it is in.
        actor: Who impersonates the user; becomes the ``act`` of its tokens.
        tasks: What keeps it pending.
        second_factor_at: When the second factor was verified.
        refresh_token: Refreshes expired tokens; ``None`` before one was asked for.
        refreshed: ``jti`` of the token that was refreshed last: it can be so only once.
    """

    id: str
    user_id: str
    client_id: str
    status: SessionStatus
    created_at: int
    updated_at: int
    last_active_at: int
    expire_at: int
    abandon_at: int
    last_active_organization_id: str | None = None
    actor: JsonObject | None = None
    tasks: tuple[Task, ...] = ()
    second_factor_at: int | None = None
    refresh_token: str | None = None
    refreshed: str | None = None

    def status_at(self, now_ms: int) -> SessionStatus:
        """Return the status at this time."""
        if self.status not in LIVE:
            return self.status
        if now_ms >= self.expire_at:
            return SessionStatus.EXPIRED
        return SessionStatus.ABANDONED if now_ms >= self.abandon_at else self.status

    def live_at(self, now_ms: int) -> bool:
        """Tell whether it is active, or pending, at this time."""
        return self.status_at(now_ms) in LIVE


SESSIONS: Final = Noun(
    "sessions",
    Session,
    {
        "user_id": lambda session: (session.user_id,),
        "client_id": lambda session: (session.client_id,),
    },
)


def require_session(instance: Instance, session_id: str) -> Session:
    """Return the session with this id.

    Raises:
        ApiError: 404, there is none.
    """
    session = instance.state.of(SESSIONS).get(session_id)
    if session is None:
        raise ApiError.not_found("session", session_id)
    return session


def session_resource(session: Session, now_ms: int) -> JsonObject:
    """Return the session as Clerk writes it at this time."""
    return {
        "object": "session",
        "id": session.id,
        "user_id": session.user_id,
        "client_id": session.client_id,
        "actor": session.actor,
        "status": session.status_at(now_ms).value,
        "last_active_organization_id": session.last_active_organization_id,
        "last_active_at": session.last_active_at,
        "latest_activity": None,
        "expire_at": session.expire_at,
        "abandon_at": session.abandon_at,
        "updated_at": session.updated_at,
        "created_at": session.created_at,
    }
