"""Statements about users, their e-mail addresses and their closed sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, bindparam, delete, func, insert, literal, null, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.store.models import closed_sessions, user_emails, users

__all__ = [
    "Email",
    "StoredUser",
    "UserProfile",
    "bury_user",
    "close_session",
    "list_users",
    "lock_entity",
    "read_user",
    "session_is_closed",
    "write_user",
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
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:entity, 0))")
_CLOSED: Final = select(literal(1)).where(closed_sessions.c.session_id == bindparam("session_id"))


def _user(found: Row[Any]) -> StoredUser:
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's documented public name
    values["emails"] = tuple(Email(*parts) for parts in values["emails"] or ())
    return StoredUser(**values)


async def lock_entity(connection: AsyncConnection, clerk_id: str) -> None:
    """Make every other transaction about this Clerk record wait for this one, row or no row."""
    await connection.execute(_LOCK, {"entity": clerk_id})


async def read_user(connection: AsyncConnection, clerk_id: str) -> StoredUser | None:
    """Return one user, or its tombstone."""
    found = (await connection.execute(_READ, {"clerk_id": clerk_id})).one_or_none()
    return _user(found) if found else None


async def list_users(connection: AsyncConnection, *, after: int, limit: int) -> list[StoredUser]:
    """Return users, tombstones included, in the order they came, from behind ``after``."""
    found = await connection.execute(_LIST, {"after": after, "limit": limit})
    return [_user(row) for row in found]


async def write_user(connection: AsyncConnection, profile: UserProfile, *, svix_id: str) -> None:
    """Insert or replace a living user with its e-mail addresses.

    Args:
        connection: In a transaction that holds the lock of this user.
        profile: All of it is written.
        svix_id: The webhook that says so.
    """
    values: dict[str, Any] = {
        spec.name: getattr(profile, spec.name) for spec in fields(profile) if spec.name != "emails"
    }
    values |= {"active": True, "deleted_at": None, "applied_svix_id": svix_id}
    await _upsert(connection, values)
    await _replace_emails(connection, profile.clerk_id, profile.emails)


async def bury_user(connection: AsyncConnection, clerk_id: str, *, svix_id: str) -> None:
    """Turn a user into a tombstone, or make one for a user never seen; its e-mails are freed.

    Args:
        connection: In a transaction that holds the lock of this user.
        clerk_id: Who was deleted.
        svix_id: The webhook that says so.
    """
    unknown: Json = {}
    statement = upsert(users).values(
        clerk_id=clerk_id,
        public_metadata=unknown,
        private_metadata=unknown,
        unsafe_metadata=unknown,
        banned=False,
        locked=False,
        active=False,
        deleted_at=func.clock_timestamp(),
        applied_svix_id=svix_id,
    )
    new = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[users.c.clerk_id],
            set_={
                "active": new.active,
                "deleted_at": func.coalesce(users.c.deleted_at, new.deleted_at),
                "applied_svix_id": new.applied_svix_id,
            },
        )
    )
    await _replace_emails(connection, clerk_id, ())


async def _upsert(connection: AsyncConnection, values: dict[str, Any]) -> None:
    statement = upsert(users).values(values)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[users.c.clerk_id],
            set_={name: statement.excluded[name] for name in values if name != "clerk_id"},
        )
    )


async def _replace_emails(
    connection: AsyncConnection, clerk_id: str, emails: Sequence[Email]
) -> None:
    await connection.execute(delete(user_emails).where(user_emails.c.clerk_id == clerk_id))
    if emails:
        await connection.execute(
            insert(user_emails),
            [
                {
                    "clerk_id": clerk_id,
                    "position": position,
                    "email_address": email.email_address,
                    "verified": email.verified,
                    "primary": email.primary,
                }
                for position, email in enumerate(emails)
            ],
        )


async def close_session(
    connection: AsyncConnection, session_id: str, *, clerk_id: str | None, status: str
) -> bool:
    """Note that a session is over; it never opens again.

    Returns:
        Whether this was news.
    """
    statement = upsert(closed_sessions).values(
        session_id=session_id,
        clerk_id=clerk_id if clerk_id is not None else null(),
        status=status,
        closed_at=func.clock_timestamp(),
    )
    result = await connection.execute(statement.on_conflict_do_nothing())
    return result.rowcount == 1


async def session_is_closed(connection: AsyncConnection, session_id: str) -> bool:
    """Tell whether the session is over."""
    return (await connection.execute(_CLOSED, {"session_id": session_id})).first() is not None
