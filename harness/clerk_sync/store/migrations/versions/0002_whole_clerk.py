"""Organizations, memberships, roles, invitations; owned addresses; audit, repair runs and switches.

Processes of the version before may go on while this runs: nothing that they write is refused,
except an address that a second user claims to have verified, which they try again.

It is one transaction, and the appliers wait while it runs; the inbox is not touched, so that
deliveries are taken all the while.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# In the order in which an applier writes, so that neither waits for the other in a circle.
_LOCK = "LOCK TABLE users, user_emails, effects, closed_sessions IN ACCESS EXCLUSIVE MODE"
_VERIFIED = "uq_user_emails_verified_address"
_ONE_KIND = "uq_effects_kind_clerk_id"


def upgrade() -> None:
    """Make the tables; free what would break the new rules."""
    op.execute(_LOCK)
    op.add_column(
        "users", sa.Column("admitted", sa.Boolean, nullable=False, server_default=sa.text("true"))
    )
    _own_addresses()
    _one_effect_of_a_kind()
    _make_tables()


def _make_tables() -> None:
    _synced(
        "organizations",
        sa.Column("name", sa.Text),
        sa.Column("slug", sa.Text),
        sa.Column("image_url", sa.Text),
        sa.Column("created_by", sa.Text),
        sa.Column("max_allowed_memberships", sa.Integer),
        sa.Column("public_metadata", sa.JSON),
        sa.Column("private_metadata", sa.JSON),
    )
    _synced(
        "memberships",
        sa.Column("organization_id", sa.Text),
        sa.Column("user_id", sa.Text),
        sa.Column("role", sa.Text),
        sa.Column("role_name", sa.Text),
        sa.Column("permissions", sa.JSON),
        sa.Column("public_metadata", sa.JSON),
        sa.Column("private_metadata", sa.JSON),
    )
    op.create_index(
        "uq_memberships_organization_id_user_id",
        "memberships",
        ["organization_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_index("ix_memberships_organization_id_seq", "memberships", ["organization_id", "seq"])
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])
    _synced(
        "roles",
        sa.Column("key", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("permissions", sa.JSON),
        sa.Column("former_keys", sa.JSON),
    )
    _synced(
        "invitations",
        sa.Column("organization_id", sa.Text),
        sa.Column("email_address", sa.Text),
        sa.Column("role", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("public_metadata", sa.JSON),
        sa.Column("private_metadata", sa.JSON),
    )
    op.create_index("ix_invitations_organization_id_seq", "invitations", ["organization_id", "seq"])
    for table in ("users", "organizations", "memberships", "invitations"):
        op.create_index(
            f"ix_{table}_clerk_created_at",
            table,
            ["clerk_created_at"],
            postgresql_where=sa.text("active"),
        )
    op.create_index("ix_users_waiting", "users", ["seq"], postgresql_where=sa.text("NOT admitted"))
    op.create_index("ix_closed_sessions_closed_at", "closed_sessions", ["closed_at"])
    _audit_log()
    op.create_table(
        "repair_runs",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("run_id", name="pk_repair_runs"),
    )
    op.create_index(
        "uq_repair_runs_open",
        "repair_runs",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )


def downgrade() -> None:
    """Drop what ``upgrade`` made, with what is in it."""
    op.execute(_LOCK)
    op.drop_constraint(_ONE_KIND, "effects")
    op.drop_index(_VERIFIED, "user_emails")
    for table in (
        "switches",
        "repair_runs",
        "audit_log",
        "invitations",
        "roles",
        "memberships",
        "organizations",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_log_is_append_only()")
    op.drop_index("ix_users_clerk_created_at", "users")
    op.drop_index("ix_users_waiting", "users")
    op.drop_index("ix_closed_sessions_closed_at", "closed_sessions")
    op.drop_column("users", "admitted")


def _own_addresses() -> None:
    # Where two hold an address verified, the one that Clerk changed later has it now.
    op.execute("""
        DELETE FROM user_emails AS e USING (
            SELECT m.clerk_id, m.position, row_number() OVER (
                PARTITION BY lower(m.email_address)
                ORDER BY u.clerk_updated_at DESC NULLS LAST, u.seq DESC, m.position) AS place
            FROM user_emails AS m JOIN users AS u USING (clerk_id) WHERE m.verified) AS ranked
        WHERE ranked.place > 1
          AND e.clerk_id = ranked.clerk_id AND e.position = ranked.position
    """)
    op.create_index(
        _VERIFIED,
        "user_emails",
        [sa.text("lower(email_address)")],
        unique=True,
        postgresql_where=sa.text("verified"),
    )


def _one_effect_of_a_kind() -> None:
    op.execute("""
        DELETE FROM effects AS later USING effects AS first
        WHERE later.kind = first.kind AND later.clerk_id = first.clerk_id AND later.seq > first.seq
    """)
    op.create_unique_constraint(_ONE_KIND, "effects", ["kind", "clerk_id"])


def _synced(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("clerk_id", sa.Text, nullable=False),
        *columns,
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("clerk_created_at", sa.BigInteger),
        sa.Column("clerk_updated_at", sa.BigInteger),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("applied_svix_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("clerk_id", name=f"pk_{table}"),
        sa.UniqueConstraint("seq", name=f"uq_{table}_seq"),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("before_hash", sa.LargeBinary),
        sa.Column("after_hash", sa.LargeBinary),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject_seq", "audit_log", ["subject", "seq"])
    op.execute("""
        CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '42501'; END $$
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()
    """)
