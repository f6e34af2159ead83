"""Statements about side effects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import effects

__all__ = ["DueEffect", "Effect", "EffectKind", "add_effects", "list_effects"]


class EffectKind(StrEnum):
    """What the service does beyond its own tables."""

    WELCOME = "welcome"
    """A user registered."""
    GOODBYE = "goodbye"
    """A user was deleted."""


@dataclass(frozen=True, slots=True)
class DueEffect:
    """A side effect that a webhook asks for."""

    kind: EffectKind
    svix_id: str
    clerk_id: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One side effect that is due, exactly once."""

    seq: int
    svix_id: str
    kind: str
    clerk_id: str
    created_at: datetime


_ADD: Final = text("""
    INSERT INTO effects (kind, svix_id, clerk_id, created_at)
    SELECT d.kind, d.svix_id, d.clerk_id, clock_timestamp()
    FROM unnest(CAST(:kinds AS text[]), CAST(:svix_ids AS text[]), CAST(:clerk_ids AS text[]))
         AS d(kind, svix_id, clerk_id) LEFT JOIN users ON users.clerk_id = d.clerk_id
    WHERE d.kind <> 'welcome' OR users.admitted IS NOT FALSE
    ON CONFLICT DO NOTHING
""")
_LIST: Final = (
    select(
        effects.c.seq, effects.c.svix_id, effects.c.kind, effects.c.clerk_id, effects.c.created_at
    )
    .where(effects.c.seq > bindparam("after"))
    .order_by(effects.c.seq)
    .limit(bindparam("limit"))
)


async def add_effects(connection: AsyncConnection, due: Sequence[DueEffect]) -> None:
    """Write side effects in the transaction that causes them; a second of a kind is nothing."""
    await connection.execute(
        _ADD,
        {
            "kinds": [effect.kind.value for effect in due],
            "svix_ids": [effect.svix_id for effect in due],
            "clerk_ids": [effect.clerk_id for effect in due],
        },
    )


async def list_effects(connection: AsyncConnection, *, after: int, limit: int) -> list[Effect]:
    """Return side effects in their order, from behind ``after``."""
    found = await connection.execute(_LIST, {"after": after, "limit": limit})
    return [Effect(*row) for row in found]
