"""Sessions: only the end of one is kept, so that its tokens are refused before they expire."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.nouns.noun import Noun, Write
from clerk_sync.service.payloads import read_closed_session
from clerk_sync.store.sessions import (
    ClosedSession,
    StoredSession,
    close_sessions,
    load_closed_sessions,
)

__all__ = ["CLOSED_SESSIONS"]


async def _nothing_lives(
    _connection: AsyncConnection, _writes: Sequence[Write[ClosedSession, StoredSession]]
) -> None:
    raise NotImplementedError("no event carries a living session")


async def _nothing_to_ask(
    _clerk: ClerkApi, _session: ClosedSession | StoredSession
) -> dict[str, Any] | None:
    raise NotImplementedError("the end of a session is never in doubt")


CLOSED_SESSIONS: Final[Noun[ClosedSession, StoredSession]] = Noun(
    name="session",
    carried_by=frozenset(),
    deleted_by=frozenset({"session.ended", "session.removed", "session.revoked"}),
    read=read_closed_session,
    read_gone=read_closed_session,
    load=load_closed_sessions,
    save=_nothing_lives,
    bury=close_sessions,
    fetch=_nothing_to_ask,
)
