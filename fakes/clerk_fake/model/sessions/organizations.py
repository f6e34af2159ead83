"""Which organization a session is in."""

from dataclasses import replace

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.entity import membership_of, memberships_of_user
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.sessions.entity import SESSIONS, Session
from clerk_fake.model.users.entity import User

__all__ = [
    "active_organization_of_new_session",
    "check_active_organization",
    "forget_active_organization",
    "note_organization_activity",
]


def check_active_organization(instance: Instance, user: User, organization_id: str) -> str:
    """Return the id of an organization in which the user is.

    Raises:
        ApiError: 404, there is none, or the user is not in it.
    """
    if membership_of(instance, organization_id, user.id) is None:
        raise ApiError.of(
            404,
            "organization_not_found_or_unauthorized",
            "not found or unauthorized",
            "Given organization not found, or you don't have permission to access the organization",
        )
    return organization_id


def active_organization_of_new_session(instance: Instance, user: User) -> str | None:
    """Return where a user goes on when they do not say: where they came in, or were, last."""
    memberships = memberships_of_user(instance, user.id)
    if not memberships:
        return None
    joined = max(memberships, key=lambda membership: membership.created_at)
    sessions = instance.state.of(SESSIONS).find("user_id", user.id)
    since = [session for session in sessions if session.created_at > joined.created_at]
    if not since:
        return joined.organization_id
    return max(since, key=lambda session: session.created_at).last_active_organization_id


def forget_active_organization(instance: Instance, user_id: str, organization_id: str) -> None:
    """Leave the sessions of a user without an organization that was their active one.

    Clerk sends no event for it.
    """
    table = instance.state.of(SESSIONS)
    for session in table.find("user_id", user_id):
        if session.last_active_organization_id == organization_id:
            now = max(instance.clock.now_ms(), session.updated_at + 1)
            table.put(replace(session, last_active_organization_id=None, updated_at=now))


def note_organization_activity(instance: Instance, session: Session) -> None:
    """Note that the organization of a session is active; it gets no new version by that."""
    table = instance.state.of(ORGANIZATION_NOUN)
    organization = table.get(session.last_active_organization_id or "")
    if organization is not None:
        table.put(replace(organization, last_active_at=session.last_active_at))
