"""Roles: when one changes, Clerk tells of it and not of everybody who has it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.fields import Fields
from clerk_sync.service.nouns.noun import Noun, Write
from clerk_sync.store.roles import ROLES as TABLE
from clerk_sync.store.roles import RoleProfile, StoredRole

__all__ = ["ROLES", "read_role"]

MOST_FORMER_KEYS: Final = 20


def read_role(data: dict[str, Any]) -> RoleProfile:
    """Read a role, from an event or from the Backend API.

    Raises:
        PayloadError: The id or the version is missing, or a field has another type than Clerk's.
    """
    role = Fields(data)
    return RoleProfile(
        clerk_id=role.required_key("id"),
        key=role.text("key"),
        name=role.text("name"),
        description=role.text("description"),
        permissions=tuple(
            permission.required_text("key") for permission in role.each("permissions")
        ),
        clerk_created_at=role.milliseconds("created_at"),
        clerk_updated_at=role.required_milliseconds("updated_at"),
    )


async def _save(
    connection: AsyncConnection, writes: Sequence[Write[RoleProfile, StoredRole]]
) -> None:
    await TABLE.save(connection, [_with_former_keys(write) for write in writes])


def _with_former_keys(write: Write[RoleProfile, StoredRole]) -> Write[RoleProfile, StoredRole]:
    """Keep the key that is replaced: older words of memberships name the role by it."""
    known, new = write.known, write.profile
    if known is None:
        return write
    said = {spec.name: getattr(new, spec.name) for spec in fields(RoleProfile)}
    keys = [*(known.former_keys or ()), known.key]
    former = tuple(key for key in dict.fromkeys(keys) if key is not None and key != new.key)
    record = replace(known, **said, former_keys=former[-MOST_FORMER_KEYS:])
    return replace(write, profile=record)


async def _fetch(clerk: ClerkApi, role: RoleProfile | StoredRole) -> dict[str, Any] | None:
    return await clerk.get_role(role.clerk_id)


ROLES: Final[Noun[RoleProfile, StoredRole]] = Noun(
    name="role",
    carried_by=frozenset({"role.created", "role.updated"}),
    deleted_by=frozenset({"role.deleted"}),
    read=read_role,
    load=TABLE.load,
    save=_save,
    bury=TABLE.bury,
    fetch=_fetch,
)
