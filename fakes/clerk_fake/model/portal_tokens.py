"""Tokens of Svix' app portal: they open the app of one instance, and nothing else."""

import secrets
from dataclasses import dataclass, replace
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances
from clerk_fake.jsontypes import Between, Length
from clerk_fake.state import Noun

__all__ = [
    "PORTAL_TOKENS",
    "PortalAccess",
    "PortalExpiry",
    "PortalToken",
    "end_portal_token",
    "expire_portal_tokens",
    "holder_of_portal_token",
    "issue_portal_token",
]

PREFIX: Final = "appsk"
HOUR_S: Final = 3600
WEEK_S: Final = 7 * 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class PortalToken:
    """A token that was given out.

    Attributes:
        id: The token itself, ``appsk_…``; names its instance.
        created_at: When, on the instance's clock, ms.
        expires_at: Until when it is good, ms.
        session_id: By which it can be ended together with others; ``None`` for none.
    """

    id: str
    created_at: int
    expires_at: int
    session_id: str | None = None


PORTAL_TOKENS: Final = Noun("portal_tokens", PortalToken)


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """What a token is wanted for."""

    expiry: Annotated[int, Between(HOUR_S, WEEK_S)] = WEEK_S
    session_id: Annotated[str, Length(1, 256)] | None = None


@dataclass(frozen=True, slots=True)
class PortalExpiry:
    """Which tokens are to end, and in how many seconds; all at once when nothing is said."""

    expiry: Annotated[int, Between(0, WEEK_S)] = 0
    session_ids: tuple[str, ...] = ()


def issue_portal_token(instance: Instance, wanted: PortalAccess) -> PortalToken:
    """Give out a token."""
    now = instance.clock.now_ms()
    tokens = instance.state.of(PORTAL_TOKENS)
    for old in list(tokens.oldest_first()):
        if old.expires_at <= now:
            tokens.remove(old)
    token = PortalToken(
        f"{PREFIX}_{secrets.token_hex(16)}_{instance.id}",
        now,
        now + wanted.expiry * 1000,
        wanted.session_id,
    )
    tokens.put(token)
    return token


def holder_of_portal_token(text: str, instances: Instances) -> Instance | None:
    """Return the instance whose app a token opens; ``None`` when it is not, or no longer, good."""
    prefix, _, rest = text.partition("_")
    if prefix != PREFIX:
        return None
    try:
        instance = instances.get(rest.partition("_")[2])
    except ApiError:
        return None
    token = instance.state.of(PORTAL_TOKENS).get(text)
    good = token is not None and instance.clock.now_ms() < token.expires_at
    return instance if good else None


def end_portal_token(instance: Instance, text: str) -> None:
    """End a token at once.

    Raises:
        ApiError: 400, it is no token of the portal.
    """
    tokens = instance.state.of(PORTAL_TOKENS)
    token = tokens.get(text)
    if token is None:
        raise ApiError.of(400, "invalid_token", "Only tokens of the app portal can be logged out.")
    tokens.remove(token)


def expire_portal_tokens(instance: Instance, wanted: PortalExpiry) -> None:
    """End the tokens of an app, all or those of some sessions."""
    tokens = instance.state.of(PORTAL_TOKENS)
    end = instance.clock.now_ms() + wanted.expiry * 1000
    for token in list(tokens.oldest_first()):
        if not wanted.session_ids or token.session_id in wanted.session_ids:
            tokens.put(replace(token, expires_at=min(token.expires_at, end)))
