"""Statements about users, their e-mail addresses and their closed sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import ARRAY, Row, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import user_emails, users
from clerk_sync.store.switches import REGISTRATION
from clerk_sync.store.writes import Burial, Write

__all__ = [
    "Email",
    "StoredUser",
    "UserProfile",
    "address_holders",
    "bury_users",
    "list_users",
    "load_users",
    "read_user",
    "save_users",
]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail address of a user."""

    email_address: str
    verified: bool
    primary: bool


@dataclass(frozen=True, slots=True)
class _Person:
    """What Clerk's description of a user and our copy of it have in common; times are unix ms."""

    clerk_id: str
    emails: tuple[Email, ...]
    first_name: str | None
    last_name: str | None
    username: str | None
    image_url: str | None
    external_id: str | None
    public_metadata: Json
    private_metadata: Json
    unsafe_metadata: Json
    banned: bool
    locked: bool
    last_sign_in_at: int | None
    clerk_created_at: int | None


@dataclass(frozen=True, slots=True)
class UserProfile(_Person):
    """What Clerk says of a user; times are unix milliseconds."""

    clerk_updated_at: int


@dataclass(frozen=True, slots=True)
class StoredUser(_Person):
    """A user as the service holds it; a tombstone of a user never seen has no version."""

    clerk_updated_at: int | None
    seq: int
    active: bool
    deleted_at: datetime | None
    applied_svix_id: str
    admitted: bool


_EMAILS: Final = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    user_emails.c.email_address, user_emails.c.verified, user_emails.c.primary
                ),
                user_emails.c.position,
            )
        )
    )
    .where(user_emails.c.clerk_id == users.c.clerk_id)
    .scalar_subquery()
    .label("emails")
)
_COLUMNS: Final = [
    _EMAILS if spec.name == "emails" else users.c[spec.name] for spec in fields(StoredUser)
]
_READ: Final = select(*_COLUMNS).where(users.c.clerk_id == bindparam("clerk_id"))
_LIST: Final = (
    select(*_COLUMNS)
    .where(users.c.seq > bindparam("after"))
    .order_by(users.c.seq)
    .limit(bindparam("limit"))
)
_LOAD: Final = select(*_COLUMNS).where(
    users.c.clerk_id == func.any(bindparam("clerk_ids", type_=ARRAY(Text)))
)
_HOLDERS: Final = text("""
    SELECT lower(email_address) AS address, clerk_id FROM user_emails
    WHERE verified AND lower(email_address) = ANY(CAST(:addresses AS text[]))
""")

_DOCUMENTS: Final = ("public_metadata", "private_metadata", "unsafe_metadata")
_PLAIN: Final = tuple(
    spec.name for spec in fields(UserProfile) if spec.name not in {"emails", *_DOCUMENTS}
)
_TYPES: Final = {name: str(users.c[name].type) for name in _PLAIN}
_WRITTEN: Final = (*_PLAIN, *_DOCUMENTS)
_SAVE: Final = text(f"""
    INSERT INTO users ({", ".join(_WRITTEN)}, applied_svix_id, active, admitted)
    SELECT {", ".join(f"u.{name}" for name in _PLAIN)},
           {", ".join(f"CAST(u.{name} AS json)" for name in _DOCUMENTS)}, u.source, :active,
           coalesce((SELECT open FROM switches WHERE name = '{REGISTRATION}'), true)
    FROM unnest({", ".join(f"CAST(:{name} AS {_TYPES[name]}[])" for name in _PLAIN)},
                {", ".join(f"CAST(:{name} AS text[])" for name in _DOCUMENTS)},
                CAST(:sources AS text[])) AS u({", ".join(_WRITTEN)}, source)
    ON CONFLICT (clerk_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)},
        applied_svix_id = excluded.applied_svix_id, active = excluded.active
""")  # noqa: S608 - only names of our own columns
_BURY: Final = text("""
    INSERT INTO users (clerk_id, public_metadata, private_metadata, unsafe_metadata, banned, locked,
                       active, deleted_at, applied_svix_id)
    SELECT b.clerk_id, '{}', '{}', '{}', false, false, false, clock_timestamp(), b.source
    FROM unnest(CAST(:clerk_ids AS text[]), CAST(:sources AS text[])) AS b(clerk_id, source)
    ON CONFLICT (clerk_id) DO UPDATE
    SET active = false, deleted_at = coalesce(users.deleted_at, excluded.deleted_at),
        applied_svix_id = excluded.applied_svix_id
""")
_FORGET_EMAILS: Final = text(
    "DELETE FROM user_emails WHERE clerk_id = ANY(CAST(:clerk_ids AS text[]))"
)
_ADD_EMAILS: Final = text("""
    INSERT INTO user_emails (clerk_id, position, email_address, verified, "primary")
    SELECT * FROM unnest(CAST(:clerk_ids AS text[]), CAST(:positions AS integer[]),
                         CAST(:addresses AS text[]), CAST(:verified AS boolean[]),
                         CAST(:primary AS boolean[]))
""")


def _user(found: Row[Any]) -> StoredUser:
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's documented public name
    values["emails"] = tuple(Email(*parts) for parts in values["emails"] or ())
    return StoredUser(**values)


async def read_user(connection: AsyncConnection, clerk_id: str) -> StoredUser | None:
    """Return one user, or its tombstone."""
    found = (await connection.execute(_READ, {"clerk_id": clerk_id})).one_or_none()
    return _user(found) if found else None


async def list_users(connection: AsyncConnection, *, after: int, limit: int) -> list[StoredUser]:
    """Return users, tombstones included, in the order they came, from behind ``after``."""
    found = await connection.execute(_LIST, {"after": after, "limit": limit})
    return [_user(row) for row in found]


async def load_users(
    connection: AsyncConnection, clerk_ids: Sequence[str]
) -> dict[str, StoredUser]:
    """Return those of the users that are known, tombstones included."""
    found = await connection.execute(_LOAD, {"clerk_ids": list(clerk_ids)})
    return {row.clerk_id: _user(row) for row in found}


async def address_holders(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, str]:
    """Return who holds these addresses verified, as far as anybody does.

    Args:
        connection: In any transaction.
        addresses: In lower case.
    """
    found = await connection.execute(_HOLDERS, {"addresses": list(addresses)})
    return {row.address: row.clerk_id for row in found}


async def save_users(
    connection: AsyncConnection, writes: Sequence[Write[UserProfile, StoredUser]]
) -> None:
    """Insert or replace living users with their e-mail addresses.

    Args:
        connection: In a transaction that holds the locks of these users and of what they claim.
        writes: At most one of each user.
    """
    await _write(connection, [(write.profile, write.source) for write in writes], active=True)
    changed = [
        write
        for write in writes
        if write.known is None or write.known.emails != write.profile.emails
    ]
    # All go before any comes: an address may move from one of them to another.
    known = [write.profile.clerk_id for write in changed if write.known is not None]
    if known:
        await connection.execute(_FORGET_EMAILS, {"clerk_ids": known})
    emails = [
        (write.profile.clerk_id, position, email)
        for write in changed
        for position, email in enumerate(write.profile.emails)
    ]
    if emails:
        await connection.execute(
            _ADD_EMAILS,
            {
                "clerk_ids": [clerk_id for clerk_id, _, _ in emails],
                "positions": [position for _, position, _ in emails],
                "addresses": [email.email_address for _, _, email in emails],
                "verified": [email.verified for _, _, email in emails],
                "primary": [email.primary for _, _, email in emails],
            },
        )


async def bury_users(connection: AsyncConnection, burials: Sequence[Burial[UserProfile]]) -> None:
    """Turn users into tombstones, or make some for users never seen; their addresses are freed.

    Args:
        connection: In a transaction that holds the locks of these users.
        burials: At most one of each user.
    """
    unseen = [(burial.last, burial.source) for burial in burials if burial.last is not None]
    if unseen:
        await _write(connection, unseen, active=False)
    await connection.execute(
        _BURY,
        {
            "clerk_ids": [burial.clerk_id for burial in burials],
            "sources": [burial.source for burial in burials],
        },
    )
    await connection.execute(_FORGET_EMAILS, {"clerk_ids": [burial.clerk_id for burial in burials]})


async def _write(
    connection: AsyncConnection,
    users_: Sequence[tuple[UserProfile | StoredUser, str]],
    *,
    active: bool,
) -> None:
    values: dict[str, Any] = {
        name: [getattr(profile, name) for profile, _ in users_] for name in _PLAIN
    }
    for name in _DOCUMENTS:
        values[name] = [orjson.dumps(getattr(profile, name)).decode() for profile, _ in users_]
    values["sources"] = [source for _, source in users_]
    await connection.execute(_SAVE, values | {"active": active})
