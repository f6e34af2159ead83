"""The tables. ``store/migrations`` makes them; a test keeps the two equal."""

from collections.abc import Iterable
from typing import Any, Final

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
    LargeBinary,
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
    "audit_log",
    "closed_sessions",
    "effects",
    "inbox",
    "invitations",
    "memberships",
    "organizations",
    "repair_runs",
    "roles",
    "switches",
    "user_emails",
    "users",
]

SCHEMA_REVISION: Final = "0003"
"""The migration that this code was written for; names of revisions sort by age."""

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
    Index("ix_inbox_dead", "seq", postgresql_where=text("state = 'dead'")),
)
"""What Clerk delivered: the truth about what was acknowledged."""


def _by_age(table: str) -> Index:
    """Return the index by which reconcile finds what Clerk does not list any more."""
    return Index(
        f"ix_{table}_clerk_created_at", "clerk_created_at", postgresql_where=text("active")
    )


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
    # False for those who came while registration was closed; they are synced and not let in.
    Column("admitted", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("seq"),
    Index("ix_users_waiting", "seq", postgresql_where=text("NOT admitted")),
    _by_age("users"),
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
    # Whoever verified an address owns it; several may claim it unverified, as in Clerk.
    Index(
        "uq_user_emails_verified_address",
        text("lower(email_address)"),
        unique=True,
        postgresql_where=text("verified"),
    ),
)
"""The e-mail addresses of users, in Clerk's order."""

closed_sessions: Final = Table(
    "closed_sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("clerk_id", Text),
    Column("status", Text, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Index("ix_closed_sessions_closed_at", "closed_at"),
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
    UniqueConstraint("kind", "clerk_id"),
)
"""Outbox of side effects, at most one of a kind per webhook and per record."""


def _synced(*columns: Column[Any]) -> list[Column[Any]]:
    """Return the columns that every synced record has, around its own; times are unix ms."""
    return [
        Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
        Column("clerk_id", Text, primary_key=True),
        *columns,
        Column("active", Boolean, nullable=False),
        Column("clerk_created_at", BigInteger),
        Column("clerk_updated_at", BigInteger),
        Column("deleted_at", DateTime(timezone=True)),
        Column("applied_svix_id", Text, nullable=False),
    ]


# All of Clerk's own fields may be null: a tombstone of a record never seen has none of them.
organizations: Final = Table(
    "organizations",
    METADATA,
    *_synced(
        Column("name", Text),
        Column("slug", Text),
        Column("image_url", Text),
        Column("created_by", Text),
        Column("max_allowed_memberships", Integer),
        Column("public_metadata", JSON),
        Column("private_metadata", JSON),
    ),
    _by_age("organizations"),
)
"""One row per Clerk organization, tombstones included."""

memberships: Final = Table(
    "memberships",
    METADATA,
    *_synced(
        # No foreign keys: a membership may arrive before its organization or its user.
        Column("organization_id", Text),
        Column("user_id", Text),
        Column("role", Text),
        Column("role_name", Text),
        Column("permissions", JSON),
        Column("public_metadata", JSON),
        Column("private_metadata", JSON),
    ),
    # Who leaves and joins again gets a membership with another id; one at a time is alive.
    Index(
        "uq_memberships_organization_id_user_id",
        "organization_id",
        "user_id",
        unique=True,
        postgresql_where=text("active"),
    ),
    Index("ix_memberships_organization_id_seq", "organization_id", "seq"),
    Index("ix_memberships_user_id", "user_id"),
    _by_age("memberships"),
)
"""Who belongs to which organization in which role, tombstones included."""

roles: Final = Table(
    "roles",
    METADATA,
    *_synced(
        Column("key", Text),
        Column("name", Text),
        Column("description", Text),
        Column("permissions", JSON),
        # A membership that was told of before the key changed names the role by the older key.
        Column("former_keys", JSON),
    ),
)
"""What members of organizations may do, tombstones included."""

invitations: Final = Table(
    "invitations",
    METADATA,
    *_synced(
        # Null for an invitation to the application itself.
        Column("organization_id", Text),
        Column("email_address", Text),
        Column("role", Text),
        Column("status", Text),
        # Clerk sends no event when an invitation expires.
        Column("expires_at", BigInteger),
        Column("public_metadata", JSON),
        Column("private_metadata", JSON),
    ),
    Index("ix_invitations_organization_id_seq", "organization_id", "seq"),
    _by_age("invitations"),
)
"""Invitations to the application and to organizations; one that is over keeps its status."""

audit_log: Final = Table(
    "audit_log",
    METADATA,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    # clerk (a webhook), operator, user (just in time), or repair
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # SHA-256 over the record's canonical JSON; null where there is no record.
    Column("before_hash", LargeBinary),
    Column("after_hash", LargeBinary),
    # The svix id of a webhook, the X-Request-Id of a request, the id of a repair run.
    Column("request_id", Text, nullable=False),
    Index("ix_audit_log_subject_seq", "subject", "seq"),
)
"""Who changed what and when; triggers refuse every change to a row that is written."""

repair_runs: Final = Table(
    "repair_runs",
    METADATA,
    Column("run_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    # Where to go on after a crash, and what was found and changed so far.
    Column("progress", JSON, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("touched_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Index("uq_repair_runs_open", "kind", unique=True, postgresql_where=text("finished_at IS NULL")),
)
"""Runs of ``reconcile`` and ``backfill``; at most one of a kind is unfinished."""

switches: Final = Table(
    "switches",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Text, nullable=False),
)
"""What an operator turns while the service runs; a switch without a row is open."""
