"""The tables. ``store/migrations`` makes them; a test keeps the two equal."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from clerk_sync.states import OPEN_STATES, State

__all__ = [
    "METADATA",
    "SCHEMA_REVISION",
    "closed_sessions",
    "effects",
    "inbox",
    "user_emails",
    "users",
]

SCHEMA_REVISION: Final = "0001"
"""The migration that this code was written for."""

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _state_in(states: Iterable[State]) -> str:
    return f"state IN ({', '.join(repr(state.value) for state in sorted(states))})"


inbox: Final = Table(
    "inbox",
    METADATA,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("svix_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("clerk_id", Text),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("applications", Integer, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("applied_at", DateTime(timezone=True)),
    Column("last_error", Text),
    # From here on a worker may claim the row: at once, at the next attempt, when the lease ran out.
    Column("claimable_at", DateTime(timezone=True), nullable=False),
    # From here on the sweeper wakes a worker for the row, again and again with growing pauses.
    Column("wake_at", DateTime(timezone=True), nullable=False),
    Column("wakes", Integer, nullable=False),
    UniqueConstraint("svix_id"),
    CheckConstraint(_state_in(State), name="state"),
    Index("ix_inbox_wake_at", "wake_at", postgresql_where=text(_state_in(OPEN_STATES))),
    Index("ix_inbox_applied_at", "applied_at", postgresql_where=text("applied_at IS NOT NULL")),
)
"""What Clerk delivered: the truth about what was acknowledged."""

users: Final = Table(
    "users",
    METADATA,
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("clerk_id", Text, primary_key=True),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("username", Text),
    Column("image_url", Text),
    Column("external_id", Text),
    # JSON and not JSONB: JSONB refuses the NUL escape that Clerk's metadata may contain.
    Column("public_metadata", JSON, nullable=False),
    Column("private_metadata", JSON, nullable=False),
    Column("unsafe_metadata", JSON, nullable=False),
    Column("banned", Boolean, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("last_sign_in_at", BigInteger),
    Column("clerk_created_at", BigInteger),
    Column("clerk_updated_at", BigInteger),
    Column("deleted_at", DateTime(timezone=True)),
    # The webhook that wrote the row last: another one with the same version is a tie.
    Column("applied_svix_id", Text, nullable=False),
    UniqueConstraint("seq"),
)
"""One row per Clerk user, tombstones included; nothing but the Clerk id identifies a user."""

user_emails: Final = Table(
    "user_emails",
    METADATA,
    Column("clerk_id", Text, ForeignKey("users.clerk_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("email_address", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("primary", Boolean, nullable=False),
    # Not unique: while an address moves between users both may hold it until both events are in.
    Index("ix_user_emails_address", text("lower(email_address)")),
)
"""The e-mail addresses of users, in Clerk's order."""

closed_sessions: Final = Table(
    "closed_sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("clerk_id", Text),
    Column("status", Text, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
)
"""Sessions whose tokens are refused though they have not expired."""

effects: Final = Table(
    "effects",
    METADATA,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("svix_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("clerk_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("svix_id", "kind"),
)
"""Outbox of side effects, at most one of a kind per webhook."""
