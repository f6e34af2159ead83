"""What each event type does to the local records.

To sync a further resource: one module with a projection per event type, one line each in
``PROJECTIONS``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clerk_sync.service.projections.change import Change, Projection
from clerk_sync.service.projections.sessions import session_closed
from clerk_sync.service.projections.users import user_created, user_deleted, user_updated

__all__ = ["PROJECTIONS", "Change", "Projection"]

PROJECTIONS: Final[Mapping[str, Projection]] = MappingProxyType(
    {
        "user.created": user_created,
        "user.updated": user_updated,
        "user.deleted": user_deleted,
        "session.ended": session_closed,
        "session.removed": session_closed,
        "session.revoked": session_closed,
    }
)
"""Event type → projection; any other type is ``ignored``."""
