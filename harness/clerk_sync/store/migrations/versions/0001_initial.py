"""The inbox, the users, their e-mail addresses and closed sessions, the side effects."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inbox",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("svix_id", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("clerk_id", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("applications", sa.Integer, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text),
        sa.Column("claimable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wakes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.UniqueConstraint("svix_id", name="uq_inbox_svix_id"),
        sa.CheckConstraint(
            "state IN ('applied', 'applying', 'dead', 'failed', 'ignored', 'ignored_stale', "
            "'received')",
            name="ck_inbox_state",
        ),
    )
    op.create_index(
        "ix_inbox_wake_at",
        "inbox",
        ["wake_at"],
        postgresql_where=sa.text("state IN ('applying', 'failed', 'received')"),
    )
    op.create_index(
        "ix_inbox_applied_at",
        "inbox",
        ["applied_at"],
        postgresql_where=sa.text("applied_at IS NOT NULL"),
    )
    op.create_table(
        "users",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("clerk_id", sa.Text, nullable=False),
        sa.Column("first_name", sa.Text),
        sa.Column("last_name", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("image_url", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("public_metadata", sa.JSON, nullable=False),
        sa.Column("private_metadata", sa.JSON, nullable=False),
        sa.Column("unsafe_metadata", sa.JSON, nullable=False),
        sa.Column("banned", sa.Boolean, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("last_sign_in_at", sa.BigInteger),
        sa.Column("clerk_created_at", sa.BigInteger),
        sa.Column("clerk_updated_at", sa.BigInteger),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("applied_svix_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("clerk_id", name="pk_users"),
        sa.UniqueConstraint("seq", name="uq_users_seq"),
    )
    op.create_table(
        "user_emails",
        sa.Column("clerk_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("email_address", sa.Text, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("primary", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("clerk_id", "position", name="pk_user_emails"),
        sa.ForeignKeyConstraint(["clerk_id"], ["users.clerk_id"], name="fk_user_emails_clerk_id"),
    )
    op.create_index("ix_user_emails_address", "user_emails", [sa.text("lower(email_address)")])
    op.create_table(
        "closed_sessions",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("clerk_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_closed_sessions"),
    )
    op.create_table(
        "effects",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("svix_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("clerk_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_effects"),
        sa.UniqueConstraint("svix_id", "kind", name="uq_effects_svix_id_kind"),
    )


def downgrade() -> None:
    """Drop the tables with what is in them."""
    for table in ("effects", "closed_sessions", "user_emails", "users", "inbox"):
        op.drop_table(table)
