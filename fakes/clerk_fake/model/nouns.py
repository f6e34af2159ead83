"""All nouns of the model: one line each, so that snapshots know them."""

from typing import Any, Final

from clerk_fake.model.images import IMAGES
from clerk_fake.model.redirect_urls import REDIRECT_URLS
from clerk_fake.model.sessions.entity import SESSIONS
from clerk_fake.model.settings.entity import SETTINGS
from clerk_fake.model.users.entity import USERS
from clerk_fake.state import Noun

__all__ = ["NOUNS"]

NOUNS: Final[tuple[Noun[Any], ...]] = (
    SETTINGS,
    USERS,
    SESSIONS,
    IMAGES,
    REDIRECT_URLS.noun,
)
