"""Sessions: only the end of one is kept, so that its tokens are refused before they expire."""

from clerk_sync.service.payloads import read_session_owner
from clerk_sync.service.projections.change import Change
from clerk_sync.states import Event
from clerk_sync.store.users import close_session

__all__ = ["session_closed"]


async def session_closed(change: Change) -> Event:
    """Note that the session is over; the first end counts, and no order of events reopens it."""
    status = change.data.get("status")
    await close_session(
        change.connection,
        change.clerk_id,
        clerk_id=read_session_owner(change.data),
        status=status if isinstance(status, str) else "closed",
    )
    return Event.APPLY
