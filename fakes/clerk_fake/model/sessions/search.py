"""Find sessions."""

from collections.abc import Iterator

from clerk_fake.instance import Instance
from clerk_fake.model.sessions.entity import SESSIONS, Session, SessionStatus

__all__ = ["find_sessions"]


def find_sessions(
    instance: Instance,
    *,
    user_id: str | None = None,
    client_id: str | None = None,
    status: SessionStatus | None = None,
) -> Iterator[Session]:
    """Yield the sessions that match everything that is given, the newest first."""
    table = instance.state.of(SESSIONS)
    if user_id is not None:
        candidates = reversed(table.find("user_id", user_id))
    elif client_id is not None:
        candidates = reversed(table.find("client_id", client_id))
    else:
        candidates = table.newest_first()
    now = instance.clock.now_ms()
    for session in candidates:
        matches_client = client_id is None or session.client_id == client_id
        if matches_client and (status is None or session.status_at(now) is status):
            yield session
