"""Statements about side effects."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import effects

__all__ = ["Effect", "EffectKind", "add_effect", "count_effects", "list_effects"]


class EffectKind(StrEnum):
    """What the service does beyond its own tables."""

    WELCOME = "welcome"
    """A user registered."""
    GOODBYE = "goodbye"
    """A user was deleted."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One side effect that is due, exactly once."""

    seq: int
    svix_id: str
    kind: str
    clerk_id: str
    created_at: datetime


_LIST = (
    select(
        effects.c.seq, effects.c.svix_id, effects.c.kind, effects.c.clerk_id, effects.c.created_at
    )
    .where(effects.c.seq > bindparam("after"))
    .order_by(effects.c.seq)
    .limit(bindparam("limit"))
)


async def add_effect(
    connection: AsyncConnection, kind: EffectKind, *, svix_id: str, clerk_id: str
) -> None:
    """Write a side effect in the transaction that causes it; a second of the kind is nothing."""
    statement = upsert(effects).values(
        svix_id=svix_id, kind=kind.value, clerk_id=clerk_id, created_at=func.clock_timestamp()
    )
    await connection.execute(statement.on_conflict_do_nothing())


async def list_effects(connection: AsyncConnection, *, after: int, limit: int) -> list[Effect]:
    """Return side effects in their order, from behind ``after``."""
    found = await connection.execute(_LIST, {"after": after, "limit": limit})
    return [Effect(*row) for row in found]


async def count_effects(connection: AsyncConnection, kind: EffectKind) -> int:
    """Return how many side effects of a kind there ever were."""
    counted = select(func.count()).where(effects.c.kind == kind.value).select_from(effects)
    return (await connection.execute(counted)).scalar_one()
